import { createApprovals } from '../approvals/create-approvals.ts';
import { createPoke } from '../approvals/poke.ts';
import { createAuditChain } from '../durable/audit.ts';
import { createEngine } from '../durable/engine.ts';
import { createServing } from '../durable/serving.ts';
import { createActions } from '../gateway/create-actions.ts';
import { createHttp } from '../kit/http.ts';
import type { Clock } from '../kit/clock.ts';
import type { Http } from '../kit/http.ts';
import { createIntake } from '../slack/intake.ts';
import type { Intake } from '../slack/intake.ts';
import { createPeople } from '../slack/people.ts';
import { createResponder } from '../slack/respond.ts';
import { watchAudit } from './audit/watch-audit.ts';
import { auditKeyOf } from './audit-key.ts';
import { holderOf } from './caller.ts';
import type { SlackConfig } from './config/config.ts';
import { gateOf } from './config/gate-of.ts';
import { gatewayCalls } from './gateway-calls.ts';
import { engineObserver, intakeObserver } from './observers.ts';
import { openSlack } from './open-slack.ts';
import type { MakeFeature, Parts } from './parts.ts';
import { createSockets } from './sockets.ts';
import { warnOfSignatures } from './warn-of-signatures.ts';

/** Effects that run at once in each lane. */
const PLACES = 32;
/** How long a click's own calls may wait for Slack: the person waits too. */
const INTERACTIVE_MS = 3000;

/** Approvals and what people click: the durable engine, the doors of /v1, and the intake from Slack. */
export const slackFeature: MakeFeature = (parts) =>
  parts.config.slack ? create(parts, parts.config.slack) : Promise.resolve(undefined);

async function create(parts: Parts, slack: SlackConfig): ReturnType<MakeFeature> {
  const { config, clock, log, metrics, store } = parts;
  const key = auditKeyOf(config);
  const chain = createAuditChain(key);
  const epoch = await store.readEpoch();
  const serving = createServing(clock);
  const engine = createEngine({
    store: serving.watch(store),
    clock,
    log,
    chain,
    observer: engineObserver(metrics, () => clock.now()),
    redact: (text) => parts.redactor.redact(text),
    random: Math.random,
    epoch,
    runsEffects: config.role !== 'intake',
    soleOwner: config.store.kind === 'sqlite',
    places: PLACES,
    everyMs: config.store.kind === 'sqlite' ? 1000 : 3000,
  });
  const audit = watchAudit(engine, { key, chain, epoch }, parts);
  // A client of its own for each purpose: what hangs in one holds up no other.
  const effects = createHttp(parts.env);
  const interactive = openSlack(slack, { ...parts, http: hurried(createHttp(parts.env)) });
  const responder = createResponder({ http: createHttp(parts.env), clock, log, apiUrl: slack.apiUrl });
  const home = () => ({
    teamId: slack.teamId ?? parts.slackIdentity()?.teamId,
    enterpriseId: slack.enterpriseId ?? parts.slackIdentity()?.enterpriseId,
  });
  const people = createPeople({ slack: interactive, clock, home });
  const slackFor = (signal: AbortSignal) => openSlack(slack, { ...parts, http: effects, signal });
  const approvals = createApprovals({
    engine,
    slack: interactive,
    slackFor,
    clock,
    log,
    directory: people,
    poke: pokeOf(parts, effects),
    respond: async (url, text) => {
      await responder.tell(url, text);
    },
    gone: (id, why) => log.warn('a card cannot be brought up to date', { id, why }),
    lost: () => metrics.count('listener_cards_lost_total', {}),
    servingSince: () => serving.since(),
    people: config.people,
    callerOf: ({ headers }) => holderOf(headers['authorization'], config.tokens),
    policyOf: (gate) => gateOf(config.gates, gate),
    refused: (reason) => metrics.count('listener_votes_refused_total', { reason }),
    notOpened: (reason) => metrics.count('listener_approvals_refused_total', { reason }),
  });
  const { pipelineApp } = slack;
  const [counted, warned] = [intakeObserver(metrics), warnOfSignatures(log, clock)];
  const intake: Intake = createIntake({
    own: { appId: () => parts.slackIdentity()?.appId, secrets: () => slack.signingSecrets },
    pipeline: pipelineApp && { appId: pipelineApp.appId, secrets: () => pipelineApp.signingSecrets },
    home,
    remember: (key, until, now, owner) => store.remember(key, until, now, owner),
    responder,
    clock,
    log,
    observe(event) {
      counted(event);
      warned(event);
    },
  });
  approvals.takeClicks(intake);
  if (config.gateway)
    createActions({
      engine,
      clock,
      log,
      slackFor,
      restoredAt: epoch,
      actionOf: (name) => config.actions.get(name),
      tokens: () =>
        config.tokens.flatMap(({ name, hashes, actions }) =>
          hashes().map((hash) => ({ name, hash, actions })),
        ),
      eligible: (user, allow) => people.eligible(user, allow),
      call: gatewayCalls(config.gateway, parts),
      show: (url, message) => responder.show(url, message),
      refused: (reason) => metrics.count('listener_actions_refused_total', { reason }),
    }).takeClicks(intake);
  const sockets = createSockets(slack, parts, intake.deliver);
  const ending = new AbortController();
  let telling: Promise<void> | undefined;
  // The pipelines' app posts its clicks even where the own app uses sockets.
  const isPosted = config.role !== 'worker' && (slack.mode !== 'socket' || pipelineApp !== undefined);
  return {
    name: 'slack',
    routes: [...(isPosted ? intake.routes : []), ...approvals.routes],
    ...(sockets && { checks: { sockets: sockets.check } }),
    async start() {
      await engine.start();
      await audit.start();
      await sockets?.start();
      if (config.role !== 'intake') telling = approvals.tellPolicies(store, ending.signal);
    },
    async quiet() {
      ending.abort();
      await telling;
      await sockets?.close();
    },
    // A click that came in while the server closed may be answered, and not yet saved.
    async stop(graceMs) {
      await Promise.all([within(intake.idle(), graceMs, clock), engine.stop(graceMs)]);
    },
  };
}

async function within(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, clock.sleep(ms, done.signal).catch(() => undefined)]);
  done.abort();
}

function pokeOf(
  { config, log, metrics }: Parts,
  http: Http,
): (gate: string, signal: AbortSignal) => Promise<void> {
  const { concourse } = config;
  if (concourse === undefined) return () => Promise.resolve();
  const poked = (outcome: string) => metrics.count('listener_webhook_pokes_total', { outcome });
  return createPoke(concourse.url, concourse.webhooks, { http, log, poked });
}

function hurried(http: Http): Http {
  return (request) =>
    http({ ...request, idleMs: Math.min(request.idleMs ?? INTERACTIVE_MS, INTERACTIVE_MS) });
}
