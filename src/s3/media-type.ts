import { extname } from 'node:path/posix';

const BY_EXTENSION: Readonly<Record<string, string>> = {
  '.bz2': 'application/x-bzip2',
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.log': 'text/plain',
  '.md': 'text/markdown',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.tgz': 'application/gzip',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.xml': 'application/xml',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.zip': 'application/zip',
};
const UNKNOWN = 'application/octet-stream';
const MEANINGLESS = new Set([UNKNOWN, 'binary/octet-stream', '']);

/** The media type of a file by its name; `application/octet-stream` when the name tells nothing. */
export function mediaTypeOf(name: string): string {
  return BY_EXTENSION[extname(name).toLowerCase()] ?? UNKNOWN;
}

/** What S3 says a thing is, without parameters, or what its name says where S3 only stored a default. */
export function mediaTypeOfObject(stored: string | undefined, key: string): string {
  const type = (stored ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return MEANINGLESS.has(type) ? mediaTypeOf(key) : type;
}

/** True for the types Slack shows in an image block; webp and svg fail there (slack.md 1.4). */
export function isSlackImage(type: string): boolean {
  return type === 'image/png' || type === 'image/jpeg' || type === 'image/gif';
}

/** True when a type is covered by a list such as `["application/pdf", "image/*"]`. */
export function isAllowedType(type: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) =>
    pattern.endsWith('/*')
      ? type.startsWith(pattern.slice(0, -1))
      : pattern === '*' || pattern.toLowerCase() === type,
  );
}

/** True for what a browser may show on S3's origin without running anything of it (P29). */
export function isSafeInline(type: string): boolean {
  return isSlackImage(type) || type === 'application/pdf' || type === 'text/plain';
}

/**
 * A Content-Disposition value for a file name from outside: quoted ASCII for old clients, RFC 5987 beside it when the
 * name has more (P29, RFC 6266).
 */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  // oxlint-disable-next-line no-control-regex -- neither control characters nor quotes may reach a header
  const clean = name.replace(/[\u0000-\u001f\u007f]/g, '_');
  const ascii = clean.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_');
  const value = `${kind}; filename="${ascii}"`;
  if (ascii === clean) return value;
  const encoded = encodeURIComponent(clean).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${value}; filename*=UTF-8''${encoded}`;
}
