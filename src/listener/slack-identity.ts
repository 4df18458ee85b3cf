import type { Clock } from '../kit/clock.ts';
import { messageOf } from '../kit/fault.ts';
import { stringAt, valueAt } from '../slack/answer.ts';
import type { Slack, SlackAnswer } from '../slack/client.ts';
import type { SlackConfig } from './config/config.ts';
import type { ListenerLog } from './log.ts';

/** Who the bot token belongs to, as Slack says. */
export interface SlackIdentity {
  /** Undefined for a token of a whole organization. */
  readonly teamId: string | undefined;
  readonly enterpriseId: string | undefined;
  readonly enterpriseInstall: boolean;
  readonly userId: string;
  /** Undefined where Slack does not tell it without `users:read`; then the signing secret alone tells the app. */
  readonly appId: string | undefined;
}

export interface SlackVerifier {
  identity(): SlackIdentity | undefined;
  /** Undefined once we are known, else why not yet. */
  problem(): string | undefined;
  /** Asks until Slack has answered and the answer fits the configuration, or the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface VerifierPorts {
  readonly slack: Slack;
  readonly clock: Clock;
  readonly log: ListenerLog;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** Finds out who we are at Slack: before that no click counts. A token of another workspace than `slack.team_id` never does. */
export function createSlackVerifier(
  config: SlackConfig,
  { slack, clock, log }: VerifierPorts,
): SlackVerifier {
  let identity: SlackIdentity | undefined;
  let problem: string | undefined = 'Slack has not been asked yet';

  const ask = async (): Promise<void> => {
    const answer = await slack.call('auth.test', {}, 'read');
    const found = await identityOf(answer, slack);
    problem = misfit(found, answer, config);
    if (problem !== undefined) return;
    identity = found;
    log.info('Slack knows us', { team: found.teamId, user: found.userId, app: found.appId });
  };

  return {
    identity: () => identity,
    problem: () => problem,
    async run(signal) {
      for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        try {
          await ask();
        } catch (error) {
          problem = messageOf(error);
        }
        if (identity) return;
        log.warn('Slack does not know us', { reason: problem });
        await clock.sleep(pause, signal).catch(() => undefined);
      }
    },
  };
}

async function identityOf(answer: SlackAnswer, slack: Slack): Promise<SlackIdentity> {
  return {
    teamId: workspaceOf(answer),
    enterpriseId: stringAt(answer, 'enterprise_id'),
    enterpriseInstall: valueAt(answer, 'is_enterprise_install') === true,
    userId: stringAt(answer, 'user_id') ?? '',
    appId: stringAt(answer, 'app_id') ?? (await appOf(stringAt(answer, 'bot_id'), slack)),
  };
}

// Where the app is installed for an organization, Slack gives its id (`E…`) in place of a workspace's (S23).
function workspaceOf(answer: SlackAnswer): string | undefined {
  const id = stringAt(answer, 'team_id');
  return id?.startsWith('T') === true ? id : undefined;
}

async function appOf(bot: string | undefined, slack: Slack): Promise<string | undefined> {
  if (bot === undefined) return undefined;
  try {
    return stringAt(await slack.call('bots.info', { bot }, 'read'), 'bot', 'app_id');
  } catch {
    return undefined;
  }
}

function misfit(
  { teamId, enterpriseId, userId }: SlackIdentity,
  answer: SlackAnswer,
  config: SlackConfig,
): string | undefined {
  if (userId === '' || (teamId === undefined && enterpriseId === undefined))
    return 'auth.test did not say whose the token is';
  if (stringAt(answer, 'bot_id') === undefined) return 'slack.bot_token is not that of a bot';
  if (config.teamId !== undefined && teamId !== undefined && teamId !== config.teamId)
    return `slack.team_id is ${config.teamId}, but the token is of ${teamId}`;
  if (config.enterpriseId !== undefined && enterpriseId !== config.enterpriseId)
    return `slack.enterprise_id is ${config.enterpriseId}, but the token is of ${enterpriseId ?? 'no organization'}`;
  return undefined;
}
