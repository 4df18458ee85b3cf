import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { byteRange } from './byte-range.ts';
import { checkConditions } from './conditions.ts';
import type { S3Fault } from './fault.ts';
import { S3Error } from './s3-error.ts';
import type { StoredObject } from './store.ts';
import { content } from './store.ts';

/** Answers GET and HEAD of an object: conditions, one byte range, response-* overrides. */
export async function getObject(
  object: StoredObject,
  query: Readonly<Record<string, string>>,
  fault: S3Fault | undefined,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  checkConditions(object, req.headers);
  const range = byteRange(req.headers.range, object.size);
  if (range === 'unsatisfiable') {
    throw new S3Error('InvalidRange', 416, 'The requested range is not satisfiable', {
      elements: { RangeRequested: req.headers.range ?? '', ActualObjectSize: String(object.size) },
      headers: { 'content-range': `bytes */${object.size}` },
    });
  }
  const { start, end } = range ?? { start: 0, end: object.size };
  res.writeHead(range === undefined ? 200 : 206, {
    ...objectHeaders(object),
    ...overrides(query),
    'content-length': end - start,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${object.size}` }),
  });
  if (req.method === 'HEAD') return void res.end();
  if (fault === 'cut' || fault === 'stall') {
    const half = start + Math.floor((end - start) / 2);
    await send(content(object, start, half), res, false);
    if (fault === 'cut') res.socket?.destroy();
    return;
  }
  await send(content(object, start, end), res, true);
}

/** Sends with back-pressure; a client that leaves ends it quietly. */
async function send(pieces: Iterable<Buffer>, res: ServerResponse, end: boolean): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), res, { end });
  } catch {
    res.destroy();
  }
}

function objectHeaders(object: StoredObject): Record<string, string> {
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'content-type': object.type,
    etag: object.etag,
    'last-modified': object.lastModified.toUTCString(),
    'x-amz-request-id': 'FAKE',
    ...object.stored,
  };
  if (object.versionId !== undefined) headers['x-amz-version-id'] = object.versionId;
  for (const [name, value] of Object.entries(object.metadata)) headers[`x-amz-meta-${name}`] = value;
  return headers;
}

const overridable = ['type', 'language', 'expires', 'cache-control', 'disposition', 'encoding'];

function overrides(query: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of overridable) {
    const header = name === 'expires' || name === 'cache-control' ? name : `content-${name}`;
    const value = query[`response-${header}`];
    if (value !== undefined) headers[header] = value;
  }
  return headers;
}
