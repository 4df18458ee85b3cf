import { expect, test } from 'vitest';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess, ListenerSetup } from '../support/listener-process.ts';
import { ALICE, BOB, doorOf, ORIGIN, press, shows, step, threadOf } from './attack/door.ts';
import type { Door } from './attack/door.ts';

const CAROL = 'U0CAROL0001';
const GATE = { approvers: [ALICE, BOB, CAROL] };

interface Given extends ListenerProcess {
  readonly door: Door;
  /** Ends it, and starts it with another policy of the gate. */
  readonly become: (change: Parameters<ListenerProcess['start']>[0]) => Promise<void>;
}

function withGate(gate: ListenerSetup['gate'], use: (given: Given) => Promise<void>): Promise<void> {
  return withListenerProcess({ gate: { ...GATE, ...gate } }, async (listener) => {
    const { slack } = listener;
    slack.addUser({ id: CAROL, name: 'carol' });
    const become: Given['become'] = async (change) => {
      await listener.stop();
      await listener.start(change);
    };
    await use({ ...listener, door: doorOf(listener, slack), become });
  });
}

const told = ({ slack }: Given, click: Awaited<ReturnType<typeof press>>) =>
  slack.when(() => click.ephemerals.at(-1)?.text);

test('whoever was taken out of the approvers decides nothing that was opened before (A11)', () =>
  withGate({}, async (given) => {
    const { door, slack, become } = given;
    const { id, card } = await door.ask();
    const other = await door.ask();
    await press(slack, other.card, 'Approve', { by: BOB });
    await door.becomes(other.id, 'approved');
    await become({ gate: { approvers: [ALICE, CAROL] } });
    for (const button of ['Approve', 'Deny'])
      expect(await told(given, await press(slack, card, button, { by: BOB }))).toBe(
        'You are not one of those who may decide this. Nothing changed.',
      );
    const back = await press(slack, await shows(slack, other.card, 'Take back'), 'Take back', { by: BOB });
    expect(await told(given, back)).toMatch(/^You are not one of those/);
    expect(await door.view(other.id)).toMatchObject({ status: 'approved' });
    await press(slack, card, 'Approve', { by: ALICE });
    expect(await door.becomes(id, 'approved')).toMatchObject({ approvers: ['alice'] });
  }));

test('and their vote of before is not counted with a later one', () =>
  withGate({ quorum: 2 }, async ({ door, slack, become, verb }) => {
    const { id, card } = await door.ask();
    await press(slack, card, 'Approve', { by: BOB });
    await shows(slack, card, '*1 of 2*');
    await become({ gate: { quorum: 2, approvers: [ALICE, CAROL] } });
    await press(slack, card, 'Approve', { by: ALICE });
    expect(await door.view(id)).toMatchObject({ status: 'requested', votes: 1 });
    await slack.when(() =>
      threadOf(slack, card).some((line) => line.includes(`may not decide any more: <@${BOB}>`)),
    );
    await press(slack, card, 'Approve', { by: CAROL });
    expect(await door.becomes(id, 'approved')).toMatchObject({ approvers: ['alice', 'carol'], votes: 2 });
    expect((await verb('show', id)).stdout).toMatch(new RegExp(`no_longer:\\s+- ${BOB}`));
  }));

test('who is only now an approver decides nothing that was opened before', () =>
  withGate({ approvers: [ALICE, BOB] }, async (given) => {
    const { door, slack, become } = given;
    const { id, card } = await door.ask();
    await become({ gate: { approvers: [ALICE, CAROL] } });
    expect(await told(given, await press(slack, card, 'Approve', { by: CAROL }))).toMatch(
      /^You are not one of/,
    );
    expect(await door.view(id)).toMatchObject({ votes: 0 });
  }));

test('a raised quorum, fewer denials and a reason asked for count for what was opened before', () =>
  withGate({ deny_quorum: 2 }, async (given) => {
    const { door, slack, become } = given;
    const [one, two] = [await door.ask(), await door.ask()];
    await become({ gate: { ...GATE, quorum: 2, require_reason: 'always' } });
    await shows(slack, one.card, '*0 of 2*');
    const click = await press(slack, one.card, 'Approve', { by: ALICE });
    await slack.submit(await slack.when(() => click.modal), { values: { reason: 'looks right' } });
    await shows(slack, one.card, '*1 of 2*');
    expect(await door.view(one.id)).toMatchObject({ status: 'requested', votes: 1, quorum: 2 });
    const other = await press(slack, two.card, 'Deny', { by: BOB });
    await slack.submit(await slack.when(() => other.modal), { values: { reason: 'not today' } });
    expect(await door.becomes(two.id, 'denied')).toMatchObject({ reason: 'not today' });
  }));

test('an approval is claimed by the rules of now: sooner run out, once, or not at all', () =>
  withGate({ use: 'many' }, async ({ door, slack, become, url, token }) => {
    const approved = async () => {
      const { id, card } = await door.ask();
      await press(slack, card, 'Approve', { by: ALICE });
      await door.becomes(id, 'approved');
      return id;
    };
    const [used, kept] = [await approved(), await approved()];
    const build = (id: string) => ({ origin: { team: 'main', pipeline: 'app', build_id: id } });
    expect((await door.claim(used, build('1'))).status).toBe(200);
    await become({ gate: { ...GATE, use: 'once' } });
    expect(await door.decisions()).toMatchObject({ body: { decisions: [{ approval: kept }] } });
    expect(await door.claim(used, build('2'))).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('was used already') } },
    });
    await become({ gate: { ...GATE, use: 'many', valid_for: '1s' } });
    await slack.when(async () => (await door.view(kept))['status'] === 'expired');
    expect((await door.decisions()).body).toMatchObject({ decisions: [] });
    expect(await door.claim(kept, build('3'))).toMatchObject({
      status: 409,
      body: { error: { message: 'the approval has run out' } },
    });
    await become({ config: { gates: { other: GATE } } });
    expect((await door.claim(kept, build('3'))).status).toBe(404);
    const source = { gate: 'release' };
    const check = await step({ url, token }, { step: 'check', source });
    expect(check.code).toBe(1);
  }));

test('at a gate that is gone nobody decides, and everybody is told so', () =>
  withGate({}, async (given) => {
    const { door, slack, become, verb, metrics, log } = given;
    const { id, card } = await door.ask();
    await become({ config: { gates: { other: GATE } } });
    await shows(slack, card, 'its gate is no longer configured: nobody can decide');
    expect(log()).toContain(`approval/${id} waits at the gate release, which is not configured`);
    for (const button of ['Approve', 'Deny'])
      expect(await told(given, await press(slack, card, button, { by: ALICE }))).toBe(
        'The gate of this request is no longer configured: nobody can decide it. Nothing changed.',
      );
    expect(await metrics()).toContain('listener_votes_refused_total{reason="gate_gone"} 2');
    const by = await verb('approve', id, '--as', 'dana', '--reason', 'Slack is down');
    expect([by.code, by.stderr]).toEqual([
      1,
      expect.stringContaining('the gate release is no longer configured: approval/'),
    ]);
    expect((await verb('show', id)).stdout).toContain('event: the gate is gone');
    await become({});
    await slack.when(() => threadOf(slack, card).some((line) => line.includes('1 must approve')));
    await press(slack, card, 'Approve', { by: ALICE });
    await door.becomes(id, 'approved');
  }));

test('whoever is known as the requester by now does not approve (A10)', () =>
  withGate({}, async (given) => {
    const { door, slack, become } = given;
    const { card } = await door.ask({ origin: { ...ORIGIN, created_by: 'Octocat' } });
    await become({ config: { people: { octocat: ALICE } } });
    expect(await told(given, await press(slack, card, 'Approve', { by: ALICE }))).toMatch(
      /^You asked for this/,
    );
  }));

test('the operator’s own approve goes by the rules of now', () =>
  withGate({ valid_for: '24h' }, async ({ door, become, verb }) => {
    const { id } = await door.ask();
    await become({ gate: { ...GATE, valid_for: '1h' } });
    expect((await verb('approve', id, '--as', 'dana', '--reason', 'Slack is down')).code).toBe(0);
    const view = await door.becomes(id, 'approved');
    expect(Date.parse(String(view['valid_until'])) - Date.parse(String(view['decided_at']))).toBe(3_600_000);
  }));
