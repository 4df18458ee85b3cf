import { randomUUID } from 'node:crypto';
import { systemClock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { createHttp } from '../kit/http.ts';
import { formatSize } from '../kit/size.ts';
import { createSlack } from '../slack/client.ts';
import { prepareArtifacts } from './artifacts.ts';
import type { PreparedArtifact } from './artifacts.ts';
import type { Build } from './build.ts';
import { compose, readVars } from './compose.ts';
import { deliver, threadOf } from './deliver.ts';
import type { Delivery, Sent } from './deliver.ts';
import { isReactionOnly } from './draft.ts';
import type { Draft } from './draft.ts';
import { dryRun } from './dry-run.ts';
import { readMentions } from './mentions.ts';
import type { MessagePut } from './params.ts';
import type { StepContext } from './run-step.ts';
import type { MessageParams } from './schema.ts';
import { storageWhenNeeded } from './storage.ts';
import { findTargets } from './targets.ts';
import type { Targets } from './targets.ts';
import { warnOfNumbers } from './warn-of-numbers.ts';

export interface Answer {
  readonly version: Readonly<Record<string, string>>;
  readonly metadata: readonly { readonly name: string; readonly value: string }[];
}

/**
 * The put that sends a message. First everything that can be wrong without Slack: params, files, objects, policy, blocks;
 * then the calls. `on_error: warn` excuses only what Slack does; what was posted by then is the version all the same.
 */
export async function putMessage(request: MessagePut, build: Build, context: StepContext): Promise<Answer> {
  const { source, params } = request;
  warnOfNumbers(params.vars, 'params.vars', context.log);
  const vars = readVars(params, build, context.dir);
  const targets = findTargets(params, source, vars, context);
  if (targets === undefined || lacksMessage(params, targets)) return notSent('not_sent', []);
  const written = await compose(params, build, vars, context.dir);
  const mentions = readMentions(params.mention ?? [], vars);
  const http = createHttp(context.env);
  const artifacts = await prepareArtifacts(params.artifacts ?? [], {
    dir: context.dir,
    source,
    vars,
    dryRun: params.dry_run === true,
    storage: storageWhenNeeded(source, params, context, http),
  });
  const draft: Draft = { written, mentions, artifacts, targets, params, source };
  if (params.dry_run === true) {
    dryRun(draft, context.log);
    return notSent('dry_run', artifacts);
  }
  return send(draft, context, http);
}

// A message that was never sent can be neither deleted nor reacted to; findTargets has said so.
function lacksMessage(params: MessageParams, { message, thread }: Targets): boolean {
  const isAboutOne = params.delete_from !== undefined || isReactionOnly(params);
  return isAboutOne && message === undefined && thread === undefined;
}

async function send(
  draft: Draft,
  context: StepContext,
  http: ReturnType<typeof createHttp>,
): Promise<Answer> {
  const { slack: config } = draft.source;
  if (!config) throw new Error('unreachable: checkMessage asks for source.slack');
  const ports = { http, clock: systemClock, log: context.log, signal: context.signal };
  const slack = createSlack(config, ports);
  const sent: Sent[] = [];
  try {
    return answerOf(await deliver(draft, { ...ports, slack, apiUrl: config.apiUrl }, sent), draft.artifacts);
  } catch (error) {
    const slacks = error instanceof Fault && error.code.startsWith('SLACK_') && !context.signal.aborted;
    if (draft.params.on_error !== 'warn' || !slacks) throw error;
    context.log.warn(`${error.message} [${error.code}]; on_error: warn, so the build goes on`);
    if (sent.length === 0) return notSent('not_sent', draft.artifacts);
    const notes = [{ name: 'status', value: 'incomplete' }];
    return answerOf({ messages: sent, thread: threadOf(draft.targets), notes }, draft.artifacts);
  }
}

function answerOf(delivery: Delivery, artifacts: readonly PreparedArtifact[]): Answer {
  const [first, ...others] = delivery.messages;
  if (!first) throw new Error('unreachable: a delivery has a message');
  const also = others.map(({ channel, ts }) => `${channel}:${ts}`).join(',');
  const version = {
    channel: first.channel,
    ts: first.ts,
    ...(delivery.thread !== undefined && delivery.thread !== first.ts && { thread: delivery.thread }),
    ...(also !== '' && { also }),
  };
  const places = delivery.messages.map(({ name, channel }) =>
    name === channel ? channel : `${name} (${channel})`,
  );
  return {
    version,
    metadata: [
      { name: places.length > 1 ? 'channels' : 'channel', value: places.join(', ') },
      ...delivery.notes,
      ...metadataOf(artifacts),
    ],
  };
}

function notSent(status: 'not_sent' | 'dry_run', artifacts: readonly PreparedArtifact[]): Answer {
  return {
    version: { status, id: randomUUID() },
    metadata: [{ name: 'status', value: status }, ...metadataOf(artifacts)],
  };
}

// Metadata is shown to whoever sees the pipeline: facts, never an address that is a credential (C9).
function metadataOf(artifacts: readonly PreparedArtifact[]): { name: string; value: string }[] {
  return artifacts.map(({ mode, title, size, link }, index) => {
    const until =
      mode === 'link' && link ? `, until ${new Date(link.expiresAt * 1000).toISOString().slice(0, 16)}Z` : '';
    const name = artifacts.length === 1 ? 'artifact' : `artifact ${index + 1}`;
    return { name, value: `${title} (${mode}, ${formatSize(size)}${until})` };
  });
}
