import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { HttpFailure } from '../kit/http.ts';
import type { Http, SizedStream } from '../kit/http.ts';
import type { Log } from '../kit/log.ts';
import { formatSize } from '../kit/size.ts';
import type { Slack } from './client.ts';
import { stringAt } from './answer.ts';

/** A file to upload. `open` gives its bytes from the start; it is called again for each attempt. */
export interface UploadFile {
  readonly name: string;
  readonly size: number;
  open(): Promise<SizedStream>;
}

export interface UploadPorts {
  readonly slack: Slack;
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
  /** The API's address; bytes go only to Slack's hosts, or to this one. */
  readonly apiUrl: string;
}

const TRIES = 3;
const PROGRESS_MS = 5000;
// The byte endpoint is known to accept everything and then hang.
const BYTES_IDLE_MS = 120_000;

/**
 * Sends a file's bytes to Slack and returns its id; nobody sees the file until it is completed, and a file that never is
 * gets discarded by Slack, so the whole exchange may be repeated. Streams with a known length: memory does not grow with
 * the file (S1, S2). The token never goes to the upload host (S1).
 */
export async function uploadBytes(file: UploadFile, ports: UploadPorts): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ports.slack.call(
      'files.getUploadURLExternal',
      { filename: file.name, length: file.size },
      'read',
    );
    const url = stringAt(answer, 'upload_url');
    const id = stringAt(answer, 'file_id');
    if (url === undefined || id === undefined || !URL.canParse(url))
      throw failed(file, 'Slack named no upload address');
    const trouble = await sendBytes(new URL(url), file, ports);
    if (trouble === undefined) return id;
    if (attempt >= TRIES) throw trouble.fault ?? failed(file, trouble.what);
    ports.log.info(`upload of ${file.name} broke off (${trouble.what}), trying again`);
    await ports.clock.sleep(1000 * attempt, ports.signal);
  }
}

interface Trouble {
  readonly what: string;
  /** Set when reading the bytes broke off, which is not Slack's doing. */
  readonly fault?: Fault | undefined;
}

// What went wrong, or undefined.
async function sendBytes(url: URL, file: UploadFile, ports: UploadPorts): Promise<Trouble | undefined> {
  checkHost(url, ports.apiUrl);
  const body = await file.open();
  const report = progress(file, ports);
  const onBytes = (count: number) => {
    body.onBytes?.(count);
    report(count);
  };
  let broken: Error | undefined;
  body.stream.once('error', (error) => (broken = error));
  try {
    const response = await ports.http({
      method: 'POST',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: { 'content-type': 'application/octet-stream' },
      body: { ...body, onBytes },
      fresh: true,
      idleMs: BYTES_IDLE_MS,
      signal: ports.signal,
    });
    if (response.status === 200) {
      response.body.resume();
      return undefined;
    }
    // Refused before the last byte: without this the rest would keep the connection, and the process, waiting.
    response.body.destroy();
    return { what: `HTTP ${response.status}` };
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const fault = broken && error.cause === broken ? body.unreadable?.(broken) : undefined;
    return { what: error.message, fault };
  } finally {
    body.stream.destroy();
  }
}

// The address is in Slack's answer; bytes of a private bucket must not follow it just anywhere.
function checkHost(url: URL, apiUrl: string): void {
  const slacks =
    url.protocol === 'https:' && (url.hostname === 'slack.com' || url.hostname.endsWith('.slack.com'));
  if (slacks || url.hostname === new URL(apiUrl).hostname) return;
  throw new Fault('SLACK_FAILED', `Slack named an upload address on another host: ${url.hostname}`, {
    hint: 'check source.slack.api_url and the proxy: something answers in the name of Slack',
  });
}

function progress(file: UploadFile, { clock, log }: UploadPorts): (count: number) => void {
  let sent = 0;
  let last = clock.now();
  return (count) => {
    sent += count;
    if (clock.now() - last < PROGRESS_MS) return;
    last = clock.now();
    log.info(
      `uploading ${file.name}: ${formatSize(sent)} of ${formatSize(file.size)} (${Math.floor((100 * sent) / file.size)} %)`,
    );
  };
}

function failed(file: UploadFile, trouble: string): Fault {
  return new Fault('SLACK_FAILED', `upload of ${file.name} failed: ${trouble}`, {
    hint: 'nothing was posted: run the step again, or post a link instead (as: link)',
  });
}
