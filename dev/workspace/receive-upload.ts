import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** Streams the bytes of an upload (step 2 of Slack's external upload) on to emulate, and its answer back. */
export async function receiveUpload(
  request: IncomingMessage,
  response: ServerResponse,
  slackUrl: string,
): Promise<void> {
  const { host: _, ...headers } = request.headers;
  const onward = httpRequest(new URL(request.url ?? '/', slackUrl), {
    method: request.method ?? 'POST',
    headers,
  });
  const answered = Promise.withResolvers<IncomingMessage>();
  onward.once('response', answered.resolve);
  onward.once('error', answered.reject);
  await pipeline(request, onward);
  const answer = await answered.promise;
  response.writeHead(answer.statusCode ?? 502, { 'content-type': 'text/plain' });
  await pipeline(answer, response);
}
