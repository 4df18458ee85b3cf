import { describe, expect, test } from 'vitest';
import type { GatewayFault } from '../fakes/gateway/options.ts';
import { allScopes } from '../fakes/slack/options.ts';
import { until } from '../support/gate.ts';
import { ACTION, ALICE, BOB, ROLE, withActions } from './with-actions.ts';
import type { ActionsWorld } from './with-actions.ts';

async function run(world: ActionsWorld): Promise<void> {
  await world.put();
  await world.press(await world.ask(), 'Run');
}

/** Long enough for a process that calls for the first time, on any machine. */
const QUICK = { timeout: '8s', path: '/deploy', body: { deployment: '{{value.deployment}}' } };
const LOOK = { method: 'GET', path: '/text', timeout: '8s' };
const DONE_AGAIN = /\*deploy\* is done/;
const callsOf = ({ gateway }: ActionsWorld) => gateway.calls.length;

describe.concurrent('a service that', () => {
  test.each<[string, GatewayFault, RegExp, number]>([
    ['fails', { http: 500, body: { message: 'out of memory' } }, /failed.*answered 500: out of memory/, 0],
    ['redirects', { http: 302, headers: { location: 'http://127.0.0.1:1/' } }, /failed.*answered 302/, 0],
    ['resets the connection', 'reset', /outcome unknown.*may have been done/, 0],
    ['does it and loses its answer', 'lost', /outcome unknown.*may have been done/, 1],
    ['breaks off its answer', 'cut', /outcome unknown.*may have been done/, 1],
    ['hangs', 'hang', /outcome unknown.*may have been done/, 0],
    ['is too slow', 'drip', /outcome unknown.*may have been done/, 1],
    ['answers with too much', { http: 202, body: 'x'.repeat(11_000_000) }, /outcome unknown/, 0],
    ['is throttled', { http: 429 }, /failed.*answered 429.*can be used again/, 0],
  ])('%s is called once, and the thread tells it as it is', (_what, fault, words, begun) =>
    // An answer that drips has come after three seconds.
    withActions(
      { action: { call: fault === 'drip' ? { ...QUICK, timeout: '2s' } : QUICK } },
      async (world) => {
        world.gateway.fault('POST /deploy', fault);
        await run(world);
        await world.reported(words);
        expect(world.gateway.calls).toHaveLength(1);
        expect(world.gateway.deployments.begun).toHaveLength(begun);
        expect(world.reports()).toHaveLength(1);
        await world.click();
        if (String(words).includes('again')) await world.slack.when(() => dialogs(world).length === 1);
        else await world.told(/works once, and was used/);
      },
    ),
  );

  test('cannot be reached has done nothing: the same button works again', () =>
    withActions({ config: { gateway: { url: 'http://127.0.0.1:1/prod' } } }, async (world) => {
      await run(world);
      await world.reported(/\*deploy\* failed.*no answer from 127.0.0.1:1.*can be used again/);
      await world.stop();
      await world.start({ gateway: { url: world.gateway.url } });
      await world.press(await world.ask(BOB), 'Run', BOB);
      await world.reported(DONE_AGAIN);
      expect(world.gateway.deployments.begun).toHaveLength(1);
    }));

  test('does not let us call it is told of without the names of accounts and roles', () =>
    withActions({}, async (world) => {
      const message =
        'User: arn:aws:iam::123456789012:user/ci is not authorized to perform: execute-api:Invoke';
      world.gateway.fault('POST /deploy', { http: 403, body: { message } });
      await run(world);
      const report = await world.reported(/User: arn:… is not authorized to perform/);
      expect(JSON.stringify(report)).not.toContain('123456789012');
    }));

  test('answers with the secrets it was sent does not make them seen', () =>
    withActions(
      { action: { call: { ...QUICK, path: '/echo/x', headers: { 'x-token': 'sensitive-action-token' } } } },
      async (world) => {
        world.gateway.fault('POST /echo/x', {
          http: 400,
          body: { message: 'got sensitive-api-key, sensitive-secret-access-key, sensitive-action-token' },
        });
        await run(world);
        await world.reported(/answered 400: got \*\*\*, \*\*\*, \*\*\*/);
        expect(world.log()).not.toContain('sensitive-');
      },
    ));
});

describe.concurrent('a listener that is killed while a call is under way', () => {
  test('does not know what became of it, says so, and never calls again', () =>
    withActions({}, async (world) => {
      world.gateway.fault('POST /deploy', 'hang');
      await run(world);
      await until(() => callsOf(world) === 1);
      await world.stop('SIGKILL');
      await world.start();
      await world.reported(/outcome unknown.*the listener was interrupted/);
      expect(world.gateway.calls).toHaveLength(1);
      await world.click(BOB);
      await world.told(/works once/, BOB);
      await world.stop();
      expect(await world.verb('verify-audit')).toContain(' 0 problems');
    }));

  test('says that it may have been done also when the action is gone meanwhile', () =>
    withActions({}, async (world) => {
      world.gateway.fault('POST /deploy', 'hang');
      await run(world);
      await until(() => callsOf(world) === 1);
      await world.stop('SIGKILL');
      await world.start({ actions: { deploy: { ...ACTION, allow: [BOB], call: { path: '/other' } } } });
      await world.reported(/outcome unknown.*the listener was interrupted/);
      expect(world.gateway.calls).toHaveLength(1);
    }));

  test('asks again where that changes nothing', () =>
    withActions({ action: { call: LOOK } }, async (world) => {
      world.gateway.fault('GET /text', 'hang');
      await run(world);
      await until(() => callsOf(world) === 1);
      await world.stop('SIGKILL');
      await world.start();
      await world.reported(/is done.*GET \/text was answered 200.*all well/);
      expect(world.gateway.calls).toHaveLength(2);
    }));
});

describe.concurrent('the report of a run', () => {
  test('arrives once Slack is back', () =>
    withActions({}, async (world) => {
      await world.put();
      const dialog = await world.ask();
      world.slack.outage(true);
      await world.press(dialog, 'Run');
      await until(() => callsOf(world) === 1);
      await world.slack.when(() => world.slack.count('chat.postMessage') > 1);
      world.slack.outage(false);
      await world.reported(DONE_AGAIN);
      expect(world.reports()).toHaveLength(1);
      expect(world.gateway.calls).toHaveLength(1);
    }));

  test('stands there once when the answer to it is lost (S11)', () =>
    withActions({}, async (world) => {
      await world.put();
      const dialog = await world.ask();
      world.slack.fault('chat.postMessage', 'lost');
      await world.press(dialog, 'Run');
      await world.reported(DONE_AGAIN);
      await until(async () => (await world.metric(REPORTED)) === 1);
      expect(world.reports()).toHaveLength(1);
    }));

  test('goes to the person alone where the app of the listener may not post', () =>
    withActions(
      { slack: { listenerScopes: allScopes.filter((one) => one !== 'chat:write.public') } },
      async (world) => {
        world.slack.removeBot('releases', 'listener');
        await run(world);
        expect(await world.told(DONE_AGAIN)).toContain(`run by <@${ALICE}>`);
        expect(world.reports()).toEqual([]);
        expect(world.slack.ephemerals(BOB)).toEqual([]);
        expect(world.log()).toContain('its outcome could not be posted in C0RELEASES1');
      },
    ));

  test('goes to them directly when the listener was restarted meanwhile', () =>
    withActions(
      { slack: { listenerScopes: allScopes.filter((one) => one !== 'chat:write.public') } },
      async (world) => {
        world.slack.removeBot('releases', 'listener');
        world.gateway.fault('POST /deploy', 'hang');
        await run(world);
        await until(() => callsOf(world) === 1);
        await world.stop('SIGKILL');
        await world.start();
        const direct = await world.slack.when(() =>
          world.slack.messages().find(({ text }) => text.includes('outcome unknown')),
        );
        expect(direct.channel).toMatch(/^D/);
      },
    ));
});

const REPORTED = 'listener_effects_total{kind="action",name="report",outcome="done"}';

describe.concurrent('the identity that signs', () => {
  const aws = (world: ActionsWorld, change: object) => ({
    aws: { region: 'eu-west-1', endpoint: world.sts.url, ...change },
  });
  const runAs = async (world: ActionsWorld, change: object) => {
    await world.stop();
    await world.start(aws(world, change));
    await run(world);
  };

  test.each([
    ['its account', { expect_identity: '123456789012' }],
    ['its ARN', { expect_identity: 'arn:aws:iam::123456789012:user/ci' }],
    ['the role it takes', { role_arn: ROLE, expect_identity: ROLE }],
  ])('is the expected one by %s', (_what, change) =>
    withActions({}, async (world) => {
      await runAs(world, change);
      await world.reported(DONE_AGAIN);
      expect(world.gateway.calls[0]?.refused).toBeUndefined();
    }),
  );

  test.each([
    ['of another account', { expect_identity: '210987654321' }],
    ['that is no role', { expect_identity: ROLE }],
    ['of another role', { role_arn: ROLE, expect_identity: `${ROLE}-admin` }],
  ])('signs nothing when it is one %s', (_what, change) =>
    withActions({}, async (world) => {
      await runAs(world, change);
      await world.reported(
        /\*deploy\* failed.*nothing is signed as arn:…, because .* is expected.*can be used again/,
      );
      expect(world.gateway.calls).toEqual([]);
      expect(world.log()).toMatch(
        /nothing is signed as arn:aws:[^"]*123456789012[^"]*; hint: check aws\.expect_identity/,
      );
    }),
  );

  test('signs nothing while STS does not say who it is', () =>
    withActions({}, async (world) => {
      await world.stop();
      await world.start(aws(world, { role_arn: ROLE, expect_identity: ROLE }));
      world.sts.fault('GetCallerIdentity', { http: 403, code: 'AccessDenied' }, 9);
      await run(world);
      await world.reported(/\*deploy\* failed.*STS did not say who signs/);
      expect(world.gateway.calls).toEqual([]);
    }));

  test('is the session of the role, taken once', () =>
    withActions({ action: { once: false } }, async (world) => {
      await runAs(world, { role_arn: ROLE });
      await world.reported(DONE_AGAIN);
      await world.press(await world.ask(), 'Run');
      await until(() => callsOf(world) === 2);
      expect(world.sts.count('AssumeRole')).toBe(1);
      const header = 'x-amz-security-token';
      expect(world.gateway.calls.map(({ headers }) => headers[header] !== undefined)).toEqual([true, true]);
    }));

  test('reaches a private API by the name of its VPC endpoint', () =>
    withActions({ gateway: { apiId: 'abc123' } }, async (world) => {
      await world.stop();
      await world.start({ gateway: { url: world.gateway.url, api_id: 'abc123' } });
      await run(world);
      await world.reported(DONE_AGAIN);
    }));

  test('is asked for nothing without signing', () =>
    withActions({}, async (world) => {
      await world.stop();
      await world.start({ gateway: { url: world.gateway.url, auth: 'none' } });
      await run(world);
      await world.reported(/failed.*answered 403/);
      expect(world.sts.count()).toBe(0);
    }));
});

function dialogs({ slack }: ActionsWorld) {
  return slack.ephemerals(ALICE).filter(({ text }) => text === 'Run deploy?');
}
