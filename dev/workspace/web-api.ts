import { isRecord } from '../../src/kit/json.ts';
import type { Workspace } from './start.ts';

type Answer = Readonly<Record<string, unknown>>;

/** Calls a method of the workspace's Web API as the app. Rejects when the answer is not ok. */
export async function callSlack(workspace: Workspace, method: string, args: object): Promise<Answer> {
  const answer = await fetch(workspace.slackApiUrl + method, {
    method: 'POST',
    headers: { authorization: `Bearer ${workspace.token}` },
    body: formOf(args),
  });
  const body: unknown = await answer.json();
  if (!isRecord(body) || body['ok'] !== true) throw new Error(`${method}: ${JSON.stringify(body)}`);
  return body;
}

// Every method takes a form, and only some take JSON.
function formOf(args: object): URLSearchParams {
  const pairs = Object.entries(args).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return new URLSearchParams(pairs);
}

/** Uploads a file by Slack's external upload, into a channel and thread when given. The file's id. */
export async function uploadFile(
  workspace: Workspace,
  file: { readonly name: string; readonly title: string; readonly bytes: Buffer },
  share: {
    readonly channel_id?: string;
    readonly thread_ts?: string;
    readonly initial_comment?: string;
  } = {},
): Promise<string> {
  const ticket = await callSlack(workspace, 'files.getUploadURLExternal', {
    filename: file.name,
    length: file.bytes.length,
  });
  const sent = await fetch(String(ticket['upload_url']), {
    method: 'POST',
    body: new Uint8Array(file.bytes),
  });
  if (!sent.ok) throw new Error(`upload: HTTP ${sent.status}`);
  const id = String(ticket['file_id']);
  await callSlack(workspace, 'files.completeUploadExternal', {
    files: [{ id, title: file.title }],
    ...share,
  });
  return id;
}
