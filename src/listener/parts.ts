import type { Clock } from '../kit/clock.ts';
import type { Http } from '../kit/http.ts';
import type { Redactor } from '../kit/redact.ts';
import type { Slack } from '../slack/client.ts';
import type { Epoch } from '../store/epoch.ts';
import type { Store } from '../store/store.ts';
import type { Config } from './config/config.ts';
import type { Route } from '../kit/incoming.ts';
import type { ListenerLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Check } from './readiness.ts';
import type { SlackIdentity } from './slack-identity.ts';

/** What every feature of the listener is made from. */
export interface Parts {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly store: Store & Epoch;
  readonly clock: Clock;
  readonly log: ListenerLog;
  readonly metrics: Metrics;
  readonly redactor: Redactor;
  readonly http: Http;
  /** Absent without the section `slack`. */
  readonly slack: Slack | undefined;
  /** Who Slack says we are; undefined until it has said so. */
  readonly slackIdentity: () => SlackIdentity | undefined;
  /** Aborted when the process must end now. */
  readonly signal: AbortSignal;
}

/** One thing the listener does. It exists when its section of the configuration exists. */
export interface Feature {
  readonly name: string;
  readonly routes?: readonly Route[];
  /** What must be right before traffic comes, by name. */
  readonly checks?: Readonly<Record<string, Check>>;
  /** Begins what runs by itself, when the ports are open. */
  start?(): Promise<void>;
  /** Takes nothing more from outside by itself; requests are held off already. */
  quiet?(): Promise<void>;
  /** Ends what runs by itself, within the milliseconds. The store closes afterwards. */
  stop?(graceMs: number): Promise<void>;
}

export type MakeFeature = (parts: Parts) => Promise<Feature | undefined>;
