import { describe, expect, test } from 'vitest';
import { isRecord } from '../../src/kit/json.ts';
import { until } from '../support/gate.ts';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess } from '../support/listener-process.ts';
import { runStep, withTempDir, writeTree } from '../support/step.ts';
import type { StepName, StepResult } from '../support/step.ts';
import { BUILD } from '../support/world.ts';

// A pipeline's author may write whatever the resource takes, and holds the listener's token. What they cannot do is widen the
// operator's policy, or use a decision that is not theirs.

const gate = { quorum: 2, max_timeout: '8h', require_reason: 'deny' };
const tokens = [
  {
    name: 'ci-main',
    token: 'sensitive-listener-token-of-pipelines',
    may: ['open', 'read', 'claim'],
    gates: ['release'],
  },
  {
    name: 'ci-other',
    token: 'sensitive-listener-token-of-others',
    may: ['open', 'read', 'claim'],
    gates: ['staging'],
  },
  { name: 'reader', token: 'sensitive-listener-token-of-a-reader', may: ['read'], gates: ['*'] },
];
const approvers = ['U0ALICE0001', 'U0BOB000001'];
const config = {
  tokens,
  gates: {
    release: { approvers, channels: ['C0RELEASES1'], unknown_requester: 'allow', ...gate },
    staging: { approvers, channels: ['C0RELEASES1'], unknown_requester: 'allow' },
  },
};

interface Run {
  readonly step?: StepName;
  readonly source?: Readonly<Record<string, unknown>>;
  readonly params?: unknown;
  readonly version?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function run(
  { url, token }: ListenerProcess,
  { step = 'out', source, env = {}, files = {}, ...request }: Run,
) {
  return withTempDir(async (dir) => {
    await writeTree(dir, files);
    const whole = { listener: { url, token }, ...source };
    return runStep(step, { source: whole, ...request }, { dir, env: { ...BUILD, ...env } });
  });
}

const ask = { gate: 'release', title: 'Ship?', wait: false, context: { version: '1.2.3' } };

/** A request at the gate, and the id it got. */
async function asked(listener: ListenerProcess, change: object = {}, run_: Run = {}): Promise<string> {
  return idOf(await run(listener, { params: { approval: { ...ask, ...change } }, ...run_ }));
}

function idOf(step: StepResult): string {
  expect(step.stderr).not.toContain('[');
  const answer = step.json();
  const version = isRecord(answer) && isRecord(answer['version']) ? answer['version'] : {};
  return String(version['approval']);
}

function refused(step: StepResult, line: string | RegExp): void {
  expect(step.stderr).toMatch(line);
  expect(step).toMatchObject({ code: 1, stdout: '' });
  expect(step.stderr).not.toContain('sensitive');
}

describe('a request that would widen the policy of its gate is refused, and no card is posted:', () => {
  test('approvers, quorum, time, reason, channel, gate', () =>
    withListenerProcess({ config }, async (listener) => {
      const cases: readonly (readonly [object, object, RegExp])[] = [
        [
          { approvers: ['U0EVE000001'] },
          {},
          /0 people could approve, 2 must \(of approvers only .*\) \[APPROVAL_REFUSED\]/,
        ],
        [{ quorum: 1 }, {}, /quorum.*\[APPROVAL_REFUSED\]/],
        [{ timeout: '9h' }, {}, /is more than the gate's .* \[APPROVAL_REFUSED\]/],
        [{ require_reason: 'never' }, {}, /reason.*\[APPROVAL_REFUSED\]/],
        [{}, { channel: 'C0PUBLIC001' }, /C0PUBLIC001.*\[APPROVAL_REFUSED\]/],
        [
          { gate: 'produktion' },
          {},
          /there is no gate "produktion" for the token ci-main \[APPROVAL_REFUSED\]/,
        ],
        [{ gate: 'staging' }, {}, /there is no gate "staging" for the token ci-main \[APPROVAL_REFUSED\]/],
        [{ quorum: 0 }, {}, /params\.approval\.quorum: must be at least 1 \[PARAMS_INVALID\]/],
        [{ on_timeout: 'approve' }, {}, /params\.approval\.on_timeout: unknown key.*\[PARAMS_INVALID\]/],
      ];
      for (const [change, beside, line] of cases)
        refused(await run(listener, { params: { approval: { ...ask, ...change }, ...beside } }), line);
      expect(listener.slack.messages()).toEqual([]);
    }));

  test('a request of one second ends without an approval', () =>
    withListenerProcess({ config }, async (listener) => {
      const step = await run(listener, { params: { approval: { ...ask, wait: true, timeout: '1s' } } });
      refused(step, /was not decided by .*\[APPROVAL_TIMED_OUT\]/);
    }));
});

describe('a token does what the operator lets it do (C25):', () => {
  test('a reader neither asks nor claims, and no token reaches another one’s gate', () =>
    withListenerProcess({ config }, async (listener) => {
      const id = await asked(listener);
      const as = (index: number) => ({ listener: { url: listener.url, token: tokens[index]?.token } });
      const reads = { step: 'check', source: { gate: 'release', ...as(2) } } as const;
      expect((await run(listener, reads)).json()).toEqual([]);
      refused(
        await run(listener, { source: as(2), params: { approval: ask } }),
        /the token reader may not open \[LISTENER_REFUSED\]/,
      );
      const files = { 'gate/version.json': JSON.stringify({ approval: id, status: 'approved' }) };
      const claim = { claim: 'gate', gate: 'release' };
      refused(
        await run(listener, { source: as(2), params: claim, files }),
        /may not claim \[LISTENER_REFUSED\]/,
      );
      refused(
        await run(listener, { source: as(1), params: claim, files }),
        /there is no gate "release" for the token ci-other \[APPROVAL_REFUSED\]/,
      );
      const staging = { claim: 'gate', gate: 'staging' };
      refused(
        await run(listener, { source: as(1), params: staging, files }),
        /there is no such approval for this token \[APPROVAL_REFUSED\]/,
      );
      const check = { step: 'check', source: { gate: 'release', ...as(1) } } as const;
      refused(await run(listener, check), /there is no gate "release" for the token ci-other/);
      const get = { step: 'in', version: { approval: id, status: 'approved' }, source: as(1) } as const;
      refused(await run(listener, get), /the listener knows no approval .*\[APPROVAL_REFUSED\]/);
    }));
});

describe('a decision is told where it was asked for (C14, C25):', () => {
  const sharing = [...tokens.slice(0, 1), { ...tokens[1], gates: ['release'] }];
  const everything = {
    name: 'dashboard',
    token: 'sensitive-listener-token-of-a-board',
    may: ['read_all'],
    gates: ['*'],
  };
  const gates = { release: { approvers, channels: ['C0RELEASES1'], unknown_requester: 'allow' } };
  const other = { BUILD_TEAM_NAME: 'other', BUILD_PIPELINE_NAME: 'foo' };
  const instance = { BUILD_PIPELINE_INSTANCE_VARS: '{"env":"b"}' };

  /** A decision of the first token, and what check and get of another place say of it. */
  function withDecision(
    use: (
      listener: ListenerProcess,
      version: Readonly<Record<string, string>>,
      at: (step: 'check' | 'in', env: Record<string, string>, token?: string) => Promise<StepResult>,
    ) => Promise<void>,
  ) {
    return withListenerProcess({ config: { tokens: [...sharing, everything], gates } }, async (listener) => {
      const version = { approval: await asked(listener), status: 'approved' };
      const as = ['--as', 'carol', '--reason', 'for the test'];
      expect((await listener.verb('approve', version.approval, ...as)).code).toBe(0);
      const at = (step: 'check' | 'in', env: Record<string, string>, token = listener.token) =>
        run(listener, {
          step,
          env,
          version,
          source: { gate: 'release', listener: { url: listener.url, token } },
        });
      await until(async () => JSON.stringify((await at('check', {})).json()) === JSON.stringify([version]));
      await use(listener, version, at);
    });
  }

  test('not to another token of the same gate, neither by check nor by get', () =>
    withDecision(async (_listener, version, at) => {
      const token = sharing[1]?.token;
      expect((await at('check', other, token)).json()).toEqual([]);
      const get = await at('in', other, token);
      refused(get, /the listener knows no approval .* for this token \[APPROVAL_REFUSED\]/);
      expect(get.stderr).toContain('hint: use the token that asked');
      // Not even where it says that it is the same pipeline.
      refused(await at('in', {}, token), `knows no approval ${version['approval']} for this token`);
    }));

  test('not to another pipeline or instance by get, and by check only where they share a token', () =>
    withDecision(async (_listener, version, at) => {
      for (const env of [other, instance]) {
        const get = await at('in', env);
        refused(get, /was asked for by another pipeline, or another instance of it \[APPROVAL_REFUSED\]/);
        expect(get.stderr).toContain('hint: ask in this pipeline');
        // Concourse does not tell a check where it is.
        expect((await at('check', env)).json()).toEqual([version]);
      }
      expect((await at('in', { BUILD_ID: '9', BUILD_JOB_NAME: 'later' })).json()).toMatchObject({ version });
    }));

  test('to a token that may read all, which still claims nothing', () =>
    withDecision(async (listener, version, at) => {
      const { token } = everything;
      expect((await at('check', other, token)).json()).toEqual([version]);
      expect((await at('in', other, token)).json()).toMatchObject({ version });
      const source = { gate: 'release', listener: { url: listener.url, token } };
      const files = { 'gate/version.json': JSON.stringify(version) };
      refused(await run(listener, { source, params: { claim: 'gate' }, files }), /may not claim/);
    }));
});

describe('a key is good for the pipeline that made it (C15, C25):', () => {
  test('another pipeline with the same key asks for itself, and changes nothing', () =>
    withListenerProcess({ config }, async (listener) => {
      const own = await asked(listener, { key: 'ship-1.2.3' });
      const others = await Promise.all([
        asked(listener, { key: 'ship-1.2.3' }, { env: { BUILD_TEAM_NAME: 'other' } }),
        asked(listener, { key: 'ship-1.2.3' }, { env: { BUILD_PIPELINE_NAME: 'other' } }),
        asked(listener, { key: 'ship-1.2.3' }, { env: { BUILD_PIPELINE_INSTANCE_VARS: '{"env":"b"}' } }),
      ]);
      expect(new Set([own, ...others]).size).toBe(4);
      expect(await asked(listener, { key: 'ship-1.2.3' })).toBe(own);
    }));

  test('the same key with another content is refused', () =>
    withListenerProcess({ config }, async (listener) => {
      await asked(listener, { key: 'ship' });
      const changed = { ...ask, key: 'ship', context: { version: '6.6.6' } };
      refused(
        await run(listener, { params: { approval: changed } }),
        /this key has already asked for something else \[APPROVAL_REFUSED\]/,
      );
    }));
});

describe('a version that nobody approved opens nothing (C24):', () => {
  test('not in check, not in get, not in claim', () =>
    withListenerProcess({ config }, async (listener) => {
      const version = { approval: await asked(listener), status: 'approved' };
      const source = { gate: 'release' };
      expect((await run(listener, { step: 'check', source, version })).json()).toEqual([]);
      refused(
        await run(listener, { step: 'in', source, version }),
        /has not been decided \[APPROVAL_REFUSED\]/,
      );
      const files = { 'gate/version.json': JSON.stringify(version) };
      refused(
        await run(listener, { source, params: { claim: 'gate' }, files }),
        /it is not approved but still open \[APPROVAL_REFUSED\]/,
      );
    }));
});
