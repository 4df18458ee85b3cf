import { createHash } from 'node:crypto';
import { canonicalJson } from '../kit/canonical-json.ts';
import { formatDuration } from '../kit/duration.ts';
import { compileGlobs } from '../kit/glob.ts';
import type { OpenRequest, Origin } from './contract.ts';
import { contextProblems, fittingLinks, sizeProblems } from './fit-terms.ts';
import type { GatePolicy } from './policy.ts';
import type { Terms } from './record.ts';
import { scopeOf } from './scope.ts';

/** Who asked, and who else may not decide, as far as that is known. */
export interface Parties {
  /** Slack user of the requester. */
  readonly requester: string | undefined;
  /** Slack users named by `not_by`. */
  readonly barred: readonly string[];
  /** Names of `not_by` that stand for nobody we know. */
  readonly unknown: readonly string[];
}

/** What a gate's policy makes of a request: its terms, or every way in which it asks for more than the policy gives. */
export type Narrowed =
  | { readonly terms: Terms }
  | { readonly problems: readonly string[]; readonly hint?: string | undefined };

const REASONS = ['never', 'deny', 'always'] as const;
const CHANNEL_ID = /^[CGD][A-Z0-9]{6,}$/;
const MINUTE = 60_000;
const ABANDON_MS = 2 * MINUTE;
const MOST_UNMATCHED = 10;
const LONGEST_UNMATCHED = 100;

/** The policy is the operator's, a pipeline can only narrow it: whatever would widen it is refused, never quietly changed. */
export function narrow(
  request: OpenRequest,
  policy: GatePolicy,
  token: string,
  parties: Parties,
  now: number,
): Narrowed {
  const problems = [
    ...fromProblems(request, policy),
    ...approverProblems(request, policy),
    ...quorumProblems(request, policy),
    ...timeProblems(request, policy),
    ...reasonProblems(request, policy),
    ...channelProblems(request, policy),
    ...linkProblems(request),
    ...contextProblems(request),
    ...buildProblems(request),
  ];
  if (problems.length > 0) return { problems };
  const terms = termsOf(request, policy, parties, { token, now });
  const tooLarge = sizeProblems(terms);
  return tooLarge.length > 0 ? { problems: tooLarge } : { terms };
}

function termsOf(
  request: OpenRequest,
  policy: GatePolicy,
  parties: Parties,
  { token, now }: { readonly token: string; readonly now: number },
): Terms {
  const raisedBy = raiseOf(policy, parties.requester, parties.unknown.length);
  const own = policy.approvers === 'from_pipeline';
  const timeoutMs =
    request.timeout_seconds === undefined ? policy.maxTimeoutMs : request.timeout_seconds * 1000;
  const remindMs =
    request.remind_every_seconds === undefined ? policy.remindEveryMs : request.remind_every_seconds * 1000;
  const { requester } = parties;
  const excluded = [...parties.barred, ...(requester !== undefined && !policy.allowSelf ? [requester] : [])];
  return {
    gate: request.gate,
    token,
    origin: request.origin,
    title: request.title,
    details: request.details,
    context: request.context ?? {},
    subject: request.subject,
    supersede: request.supersede ?? true,
    links: fittingLinks(request.links ?? []),
    content: contentOf(request),
    approvers: policy.approvers === 'from_pipeline' ? (request.approvers ?? []) : policy.approvers,
    narrowed: own ? undefined : request.approvers,
    quorum: (request.quorum ?? policy.quorum) + raisedBy,
    denyQuorum: policy.denyQuorum,
    excluded: [...new Set(excluded)],
    requester,
    raisedBy,
    unknown: parties.unknown.length,
    ...(parties.unknown.length > 0 && { unmatched: namesOf(parties.unknown) }),
    requireReason: request.require_reason ?? policy.requireReason,
    endsAt: now + timeoutMs,
    onTimeout: policy.onTimeout,
    validForMs: policy.validForMs,
    use: policy.use,
    remindEveryMs: remindMs === undefined ? undefined : Math.max(remindMs, MINUTE),
    wait: request.wait,
    ...(request.for_build === true && { forBuild: true }),
    abandonAfterMs:
      request.abandon_after_seconds === undefined
        ? ABANDON_MS
        : Math.max(request.abandon_after_seconds * 1000, MINUTE),
    channel: channelOf(request, policy) ?? '',
    mention: request.mention ?? [],
  };
}

/** Digest of what a request says. Links differ each time they are signed; who asks is bound by the key. */
export function contentOf(request: OpenRequest): string {
  const titles = request.links?.map(({ title }) => title);
  return createHash('sha256')
    .update(canonicalJson({ ...request, origin: undefined, links: titles }))
    .digest('base64url');
}

/** The id of a request: the same for the same key of the same token and pipeline at the same gate. */
export function approvalId(token: string, { gate, key, origin }: OpenRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([token, gate, scopeOf(origin), key]))
    .digest('hex')
    .slice(0, 24);
}

function namesOf(unknown: readonly string[]): readonly string[] {
  return unknown.slice(0, MOST_UNMATCHED).map((name) => name.slice(0, LONGEST_UNMATCHED).toWellFormed());
}

/**
 * How many votes more a gate asks for: whoever may not vote but is unknown could still be one of the voters. The gate can
 * waive that for the requester alone, not for those whom the request names.
 */
export function raiseOf(
  { unknownRequester, allowSelf }: Pick<GatePolicy, 'unknownRequester' | 'allowSelf'>,
  requester: string | undefined,
  unknown: number,
): number {
  const isWaived = unknownRequester === 'allow' || allowSelf || requester !== undefined;
  return unknown + (isWaived ? 0 : 1);
}

function fromProblems({ origin }: OpenRequest, { from }: GatePolicy): string[] {
  if (from.length === 0 || compileGlobs(from)(placeOf(origin))) return [];
  return [
    `this gate is for ${from.join(', ')}, not for ${origin.pipeline === undefined ? 'a build without a pipeline' : placeOf(origin)}`,
  ];
}

function placeOf({ team, pipeline }: Origin): string {
  return `${team ?? '?'}/${pipeline ?? '?'}`;
}

function approverProblems({ approvers, not_by: notBy }: OpenRequest, policy: GatePolicy): string[] {
  if (policy.approvers === 'from_pipeline')
    return approvers === undefined
      ? ['approvers: required, because this gate leaves them to the pipeline']
      : [];
  // Fewer people who may decide are fewer who could deny in time.
  if (policy.onTimeout === 'deny') return [];
  return Object.entries({ approvers, not_by: notBy }).flatMap(([name, people]) =>
    people === undefined ? [] : [`${name}: this gate approves by timeout, so all its approvers may decide`],
  );
}

function quorumProblems({ quorum }: OpenRequest, policy: GatePolicy): string[] {
  if (quorum === undefined || quorum >= policy.quorum) return [];
  return [`quorum: ${quorum} is less than the gate's ${policy.quorum}`];
}

function timeProblems({ timeout_seconds: seconds }: OpenRequest, policy: GatePolicy): string[] {
  if (seconds === undefined) return [];
  const most = policy.maxTimeoutMs / 1000;
  if (seconds > most)
    return [`timeout: ${formatDuration(seconds)} is more than the gate's ${formatDuration(most)}`];
  // Else a request with a second's timeout would approve itself.
  if (policy.onTimeout === 'approve' && seconds < most)
    return [`timeout: this gate approves by timeout, so it cannot be shortened from ${formatDuration(most)}`];
  return [];
}

function reasonProblems({ require_reason: wish }: OpenRequest, policy: GatePolicy): string[] {
  const than = wish === undefined ? 0 : REASONS.indexOf(wish) - REASONS.indexOf(policy.requireReason);
  if (than < 0) return [`require_reason: ${wish} asks for less than the gate's ${policy.requireReason}`];
  // What makes it harder to deny makes it easier to approve.
  if (than > 0 && policy.onTimeout === 'approve')
    return [
      `require_reason: this gate approves by timeout, so ${wish} cannot take the place of its ${policy.requireReason}`,
    ];
  return [];
}

// A card has no place for an address that runs something, or that only a reader's own machine has.
function linkProblems({ links = [] }: OpenRequest): string[] {
  return links.flatMap(({ url }, index) =>
    /^https?:\/\/[^\s/]/i.test(url) && URL.canParse(url)
      ? []
      : [`links[${index}].url: is no http or https address`],
  );
}

// What is listed nowhere and no build waits for would open nothing.
function buildProblems({ for_build: forBuild, wait, origin }: OpenRequest): string[] {
  if (forBuild !== true) return [];
  if (!wait) return ['for_build: a request that nobody waits for is for no build'];
  return origin.build_id === undefined ? ['for_build: the origin names no build'] : [];
}

function channelOf(request: OpenRequest, { channels }: GatePolicy): string | undefined {
  const { channel, preferred_channel: preferred } = request;
  if (channel !== undefined) return channel;
  const allowed = preferred !== undefined && (channels.length === 0 || channels.includes(preferred));
  return allowed ? preferred : channels[0];
}

function channelProblems(request: OpenRequest, policy: GatePolicy): string[] {
  const channel = channelOf(request, policy);
  const { channels } = policy;
  if (channel === undefined) return ['channel: required, because the gate names none'];
  if (channels.length === 0 || channels.includes(channel)) return [];
  const advice = CHANNEL_ID.test(channel) ? '' : ': write the id of the channel, not its name';
  return [`channel: ${channel} is none of the gate's (${channels.join(', ')})${advice}`];
}
