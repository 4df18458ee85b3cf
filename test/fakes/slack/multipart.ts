import type { IncomingMessage } from 'node:http';

export interface FileContent {
  readonly multipart: boolean;
  readonly chunks: AsyncIterable<Buffer>;
}

/** The file's bytes of an upload: the body itself, or the single part of multipart/form-data. Nothing is held back but a boundary's length. */
export function fileContent(req: IncomingMessage, count: (bytes: number) => void): FileContent {
  const type = req.headers['content-type'] ?? '';
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  const body = counted(req, count);
  return boundary === undefined
    ? { multipart: false, chunks: body }
    : { multipart: true, chunks: singlePart(body, boundary) };
}

async function* counted(req: IncomingMessage, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of req) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    count(bytes.length);
    yield bytes;
  }
}

async function* singlePart(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Buffer> {
  const end = Buffer.from(`\r\n--${boundary}`);
  let held = Buffer.alloc(0);
  let state: 'head' | 'content' | 'done' = 'head';
  for await (const chunk of body) {
    if (state === 'done') continue;
    held = Buffer.concat([held, chunk]);
    if (state === 'head') {
      const start = held.indexOf('\r\n\r\n');
      if (start < 0) continue;
      held = held.subarray(start + 4);
      state = 'content';
    }
    const found = held.indexOf(end);
    const safe = found >= 0 ? found : Math.max(0, held.length - end.length);
    if (safe > 0) yield held.subarray(0, safe);
    held = held.subarray(safe);
    if (found >= 0) state = 'done';
  }
  if (state !== 'done') throw new Error('the multipart body has no end');
}
