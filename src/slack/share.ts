import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import { stringAt, valueAt } from './answer.ts';
import type { Slack } from './client.ts';
import { slackErrorOf } from './refusal.ts';

export interface SharePorts {
  readonly slack: Slack;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadedFile {
  readonly id: string;
  readonly title: string;
}

export interface ShareTarget {
  /** A channel id; names and user ids are refused by Slack here (S4). */
  readonly channel: string;
  /** Parent message, for files that go into its thread. */
  readonly thread?: string | undefined;
  readonly comment?: string | undefined;
}

// Slack scans and shares files in a queue; seconds are usual (slack.md 1.3). 29 s in all.
const PAUSES_MS = [0, 100, 200, 400, 800, 1500, 3000, 5000, 8000, 10_000];

/**
 * Shows uploaded files in a channel and proves it: `ok` alone is not proof (S8). Returns the ts of the message that carries
 * them, or undefined when the app may not look (`files:read`). A lost answer is settled by looking, never by a second call.
 */
export async function shareFiles(
  files: readonly UploadedFile[],
  target: ShareTarget,
  ports: SharePorts,
): Promise<string | undefined> {
  let doubt: Fault | undefined;
  try {
    const args = {
      files: files.map(({ id, title }) => ({ id, title })),
      channel_id: target.channel,
      thread_ts: target.thread,
      initial_comment: target.comment,
    };
    await ports.slack.call('files.completeUploadExternal', args, 'once');
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'SLACK_OUTCOME_UNKNOWN') throw error;
    doubt = error;
  }
  let ts: string | undefined;
  for (const file of files) {
    const shared = await waitFor(file, (info) => sharedAt(info, target.channel), ports);
    if (shared === 'cannot look') {
      if (doubt) throw doubt;
      ports.log.warn(
        'the app lacks files:read, so nobody can prove that the upload is visible; add the scope',
      );
      return undefined;
    }
    if (shared === 'too late') throw doubt ?? notShared(file, target);
    ts ??= shared.value;
  }
  return ts;
}

/** Whether the app may ask where a file went, asked of one that nobody was shown yet. */
export async function mayLook(file: UploadedFile, ports: SharePorts): Promise<boolean> {
  try {
    await ports.slack.call('files.info', { file: file.id }, 'read');
    return true;
  } catch (error) {
    if (slackErrorOf(error) === undefined) throw error;
    return slackErrorOf(error) !== 'missing_scope';
  }
}

/**
 * Makes an uploaded image usable as `slack_file`: completes it unshared and waits until Slack has scanned it (S9). Returns
 * false when it is not ready in time, is no image after all, or the app may not look; the caller then shows a link instead.
 */
export async function readyImage(file: UploadedFile, ports: SharePorts): Promise<boolean> {
  await ports.slack
    .call('files.completeUploadExternal', { files: [{ id: file.id, title: file.title }] }, 'once')
    .catch((error: unknown) => {
      // Completed or not, nobody was shown anything: files.info tells.
      if (!(error instanceof Fault) || error.code !== 'SLACK_OUTCOME_UNKNOWN') throw error;
    });
  const ready = await waitFor(file, (info) => stringAt(info, 'file', 'mimetype'), ports);
  return typeof ready !== 'string' && ready.value.startsWith('image/');
}

type Found = { readonly value: string } | 'too late' | 'cannot look';

async function waitFor(
  file: UploadedFile,
  look: (info: unknown) => string | undefined,
  ports: SharePorts,
): Promise<Found> {
  for (const pause of PAUSES_MS) {
    if (pause > 0) await ports.clock.sleep(pause, ports.signal);
    try {
      const value = look(await ports.slack.call('files.info', { file: file.id }, 'read'));
      if (value !== undefined) return { value };
    } catch (error) {
      const reason = slackErrorOf(error);
      if (reason === 'missing_scope') return 'cannot look';
      if (reason !== 'file_not_found') throw error;
    }
  }
  return 'too late';
}

function sharedAt(info: unknown, channel: string): string | undefined {
  return (
    stringAt(valueAt(info, 'file', 'shares', 'public', channel, 0), 'ts') ??
    stringAt(valueAt(info, 'file', 'shares', 'private', channel, 0), 'ts')
  );
}

function notShared(file: UploadedFile, target: ShareTarget): Fault {
  return new Fault(
    'SLACK_NOT_SHARED',
    `Slack accepted ${file.title} but has not shown it in ${target.channel} after 29 s`,
    {
      hint: 'look into the channel; a workspace policy may hold the file back. Post a link instead (as: link)',
    },
  );
}
