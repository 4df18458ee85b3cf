import type { IncomingHttpHeaders } from 'node:http';
import { S3Error } from './s3-error.ts';
import type { StoredObject } from './store.ts';

/** Refuses by If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since: 412 or 304. */
export function checkConditions(object: StoredObject, headers: IncomingHttpHeaders): void {
  const match = headers['if-match'];
  if (match !== undefined && !lists(match, object.etag)) throw preconditionFailed('If-Match');
  const unmodified = time(headers['if-unmodified-since']);
  if (match === undefined && unmodified !== undefined && object.lastModified.getTime() > unmodified)
    throw preconditionFailed('If-Unmodified-Since');
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) {
    if (lists(noneMatch, object.etag)) throw notModified(object);
    return;
  }
  const modified = time(headers['if-modified-since']);
  if (modified !== undefined && object.lastModified.getTime() <= modified) throw notModified(object);
}

function lists(header: string, etag: string): boolean {
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.includes('*') || tags.some((tag) => tag === etag || `"${tag}"` === etag);
}

function time(header: string | undefined): number | undefined {
  const at = Date.parse(header ?? '');
  return Number.isNaN(at) ? undefined : at;
}

function preconditionFailed(condition: string): S3Error {
  return new S3Error(
    'PreconditionFailed',
    412,
    'At least one of the pre-conditions you specified did not hold',
    {
      elements: { Condition: condition },
    },
  );
}

function notModified(object: StoredObject): S3Error {
  const headers = { etag: object.etag, 'last-modified': object.lastModified.toUTCString() };
  return new S3Error('NotModified', 304, 'Not Modified', { headers });
}
