import type { Clock } from '../kit/clock.ts';
import { messageOf } from '../kit/fault.ts';
import type { Http } from '../kit/http.ts';
import type { Log } from '../kit/log.ts';

export interface ResponsePorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  /** The Web API's address: what is not Slack's own may answer only where that does. */
  readonly apiUrl: string;
}

/** Answers through `response_url`: five times in thirty minutes, without a token, and never as the only record (S17, S34). */
export interface Responder {
  /** Shows a text to the person alone; false when it was not delivered. Never rejects. */
  tell(responseUrl: string, text: string): Promise<boolean>;
  /** Shows a message to the person alone, in place of the one that was clicked where `replace` says so; false likewise. */
  show(responseUrl: string, message: Shown): Promise<boolean>;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
}

/** What one person is shown. */
export interface Shown {
  readonly text: string;
  readonly blocks?: readonly unknown[];
  readonly replace: boolean;
  /** The thread it is shown in, by its parent. */
  readonly threadTs?: string | undefined;
}

const MOST_USES = 5;
const LIFE_MS = 30 * 60_000;
const TIMEOUT_MS = 5_000;
/** More waiting than this means that Slack hangs: what nobody will read in time is dropped. */
const MOST_UNDER_WAY = 200;
const MOST_KEPT = 5_000;

/** A responder that posts once, follows no redirect and gives up after 5 s. */
export function createResponder({ http, clock, log, apiUrl }: ResponsePorts): Responder {
  const uses = new Map<string, { count: number; readonly since: number }>();
  const underWay = new Set<Promise<boolean>>();

  const mayUse = (url: string): boolean => {
    const now = clock.now();
    const use = uses.get(url) ?? { count: 0, since: now };
    if (use.count >= MOST_USES || now - use.since > LIFE_MS) return false;
    for (const oldest of uses.keys()) {
      if (uses.size < MOST_KEPT) break;
      uses.delete(oldest);
    }
    use.count += 1;
    uses.set(url, use);
    return true;
  };

  const post = async (url: URL, { text, blocks, replace, threadTs }: Shown): Promise<boolean> => {
    try {
      const response = await http({
        method: 'POST',
        origin: url.origin,
        path: url.pathname + url.search,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({
          response_type: 'ephemeral',
          replace_original: replace,
          thread_ts: threadTs,
          text,
          blocks,
        }),
        fresh: true,
        idleMs: TIMEOUT_MS,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      response.body.resume();
      if (response.status < 300) return true;
      log.info(`a person could not be answered: HTTP ${response.status} from the response URL`);
    } catch (error) {
      log.info(`a person could not be answered: ${messageOf(error)}`);
    }
    return false;
  };

  const show = async (responseUrl: string, message: Shown): Promise<boolean> => {
    const url = responseTarget(responseUrl, apiUrl);
    if (url === undefined) {
      log.warn('a response URL leads away from Slack and was not used');
      return false;
    }
    if (underWay.size >= MOST_UNDER_WAY || !mayUse(responseUrl)) return false;
    const sending = post(url, message);
    underWay.add(sending);
    const delivered = await sending;
    underWay.delete(sending);
    return delivered;
  };

  return {
    show,
    tell: (responseUrl, text) => show(responseUrl, { text, replace: false }),
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/**
 * The address, when it is Slack's own or on the host of a configured API. Whoever holds the signing secret of the pipelines'
 * app could otherwise make the listener post anywhere inside its network.
 */
export function responseTarget(responseUrl: string, apiUrl: string): URL | undefined {
  if (!URL.canParse(responseUrl)) return undefined;
  const url = new URL(responseUrl);
  if (url.username !== '' || url.password !== '') return undefined;
  const isSlack =
    url.protocol === 'https:' && url.port === '' && /^hooks\.slack(?:-gov)?\.com$/.test(url.hostname);
  const api = new URL(apiUrl);
  const isCustom = !/(?:^|\.)slack(?:-gov)?\.com$/.test(api.hostname) && url.origin === api.origin;
  return isSlack || isCustom ? url : undefined;
}
