import type { ServerResponse } from 'node:http';
import type { FakeSlack } from '../../test/fakes/slack/server.ts';
import { isImage } from './show-message.ts';

/**
 * Sends the bytes of a file of the workspace, which keeps up to 1 MB of each. Only images open in the page; everything else
 * is offered for download, and nothing in it can run.
 */
export function serveFile(response: ServerResponse, slack: FakeSlack, fileId: string): void {
  const file = slack.files().find(({ id }) => id === fileId);
  if (file?.content === undefined) {
    const why = file?.received === undefined ? 'no such file' : 'the workspace keeps no file above 1 MB';
    response.writeHead(404, { 'content-type': 'text/plain' }).end(why);
    return;
  }
  const image = isImage(file.filename);
  response
    .writeHead(200, {
      'content-type': image ? imageType(file.filename) : 'application/octet-stream',
      'content-disposition': image ? 'inline' : 'attachment',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
    })
    .end(file.content);
}

function imageType(filename: string): string {
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  return `image/${extension === 'jpg' ? 'jpeg' : extension}`;
}
