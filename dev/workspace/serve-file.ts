import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { APP } from './seed.ts';

const INLINE = /^image\/(?:png|jpeg|gif)$/;

/**
 * Sends the bytes of a file that emulate holds behind the app's token. Only images open in the page; everything else is
 * offered for download, and nothing in it can run.
 */
export async function serveFile(response: ServerResponse, slackUrl: string, fileId: string): Promise<void> {
  const answer = await fetch(new URL(`/files-pri/${encodeURIComponent(fileId)}/file`, slackUrl), {
    headers: { authorization: `Bearer ${APP.token}` },
  });
  if (!answer.ok || answer.body === null) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such file');
    return;
  }
  const type = answer.headers.get('content-type') ?? 'application/octet-stream';
  response.writeHead(200, {
    'content-type': type,
    'content-disposition': INLINE.test(type) ? 'inline' : 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
  });
  await pipeline(Readable.fromWeb(answer.body), response);
}
