// S3 with one object of 1 GiB, and Slack's upload, that do nothing but move bytes: no signatures, no hashes. The strict
// fakes would be the bottleneck here.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

const SIZE = 1024 ** 3;
const piece = Buffer.alloc(256 * 1024, 'x');
let origin = '';
let received = 0;
let complete = 0;

const server = createServer({ requestTimeout: 0, noDelay: true }, (req, res) => {
  const path = req.url?.split('?')[0] ?? '';
  if (path.startsWith('/upload/')) return receive(req, res);
  if (path.startsWith('/api/')) return answer(path.slice('/api/'.length), req, res);
  return serve(req, res);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  origin = `http://127.0.0.1:${address.port}`;
});
process.on('message', () => process.send?.({ origin, received, complete, size: SIZE }));

function serve(req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(200, {
    'content-length': SIZE,
    'content-type': 'application/octet-stream',
    etag: '"a-gibibyte"',
  });
  if (req.method === 'HEAD') return void res.end();
  let left = SIZE;
  const send = () => {
    while (left > 0) {
      left -= piece.length;
      if (!res.write(piece)) return void res.once('drain', send);
    }
    res.end();
  };
  send();
}

function receive(req: IncomingMessage, res: ServerResponse): void {
  let bytes = 0;
  req.on('data', (chunk: Buffer) => (bytes += chunk.length));
  req.once('end', () => {
    received += bytes;
    complete += bytes === SIZE ? 1 : 0;
    res.end(`OK - ${bytes}`);
  });
}

const SHARES = { public: { C0RELEASES1: [{ ts: '1700000000.000100' }] } };
const ANSWERS: Readonly<Record<string, (id: string) => Record<string, unknown>>> = {
  'files.getUploadURLExternal': (id) => ({ file_id: id, upload_url: `${origin}/upload/v1/${id}` }),
  'files.completeUploadExternal': (id) => ({ files: [{ id }] }),
  'files.info': (id) => ({ file: { id, mimetype: 'application/octet-stream', shares: SHARES } }),
  'chat.postMessage': () => ({ channel: 'C0RELEASES1', ts: '1700000000.000100' }),
};

function answer(method: string, req: IncomingMessage, res: ServerResponse): void {
  const make = ANSWERS[method];
  req.resume().once('end', () => {
    res.setHeader('content-type', 'application/json');
    res.end(
      JSON.stringify(make ? { ok: true, ...make('F0BENCHMARK') } : { ok: false, error: 'unknown_method' }),
    );
  });
}
