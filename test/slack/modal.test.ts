import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { Secret } from '../../src/kit/secret.ts';
import { createSlack } from '../../src/slack/client.ts';
import type { Slack } from '../../src/slack/client.ts';
import { noticeModal, openModal, updateModal } from '../../src/slack/modal.ts';
import { manualClock } from '../support/manual-clock.ts';
import { withSlack } from '../support/slack-in-process.ts';
import type { SlackInProcess } from '../support/slack-in-process.ts';

interface ModalWorld extends SlackInProcess {
  /** The listener's client: buttons of its messages are clicked. */
  readonly own: Slack;
  /** Clicks a button of the listener and gives the trigger. */
  readonly trigger: () => Promise<string>;
}

function withModals(use: (world: ModalWorld) => Promise<void>): Promise<void> {
  return withSlack(async (world) => {
    const { fake } = world;
    const own = createSlack({ token: new Secret(fake.apps.listener.token), apiUrl: fake.apiUrl }, world);
    const elements = [{ type: 'button', text: { type: 'plain_text', text: 'Deny' }, action_id: 'deny' }];
    const message = { channel: 'C0RELEASES1', text: 'x', blocks: [{ type: 'actions', elements }] };
    await own.call('chat.postMessage', message, 'once');
    fake.setSocketMode('listener');
    const trigger = async () =>
      (await fake.click({ channel: 'releases', button: 'deny', by: 'U0ALICE0001' })).triggerId;
    await use({ ...world, own, trigger });
  });
}

const notice = noticeModal('Deny', 'Loading …');

describe('a modal', () => {
  it('opens at once, and is updated by its hash when what it shows was looked up (S19)', () =>
    withModals(async ({ own, clock, trigger, fake }) => {
      const opened = await openModal({ slack: own, clock: manualClock() }, await trigger(), notice);
      if (!opened.ok) throw new Error(opened.reason);
      expect(fake.views()).toMatchObject([{ id: opened.viewId }]);
      const updated = await updateModal(own, opened, noticeModal('Deny', 'Why?'));
      expect(updated).toMatchObject({ ok: true, viewId: opened.viewId });
      expect(fake.views()).toMatchObject([{ content: { blocks: [{ text: { text: 'Why?' } }] } }]);
      expect(await updateModal(own, opened, notice)).toEqual({ ok: false, reason: 'changed' });
      expect(clock.sleeps).toEqual([]);
    }));

  it('does not open by a trigger that is over, was used, or is missing: the person clicks again (S19)', () =>
    withModals(async ({ own, trigger, fake }) => {
      const ports = { slack: own, clock: manualClock() };
      const used = await trigger();
      await openModal(ports, used, notice);
      expect(await openModal(ports, used, notice)).toEqual({ ok: false, reason: 'used' });
      const old = await trigger();
      fake.age(3_001);
      expect(await openModal(ports, old, notice)).toEqual({ ok: false, reason: 'expired' });
      expect(await openModal(ports, undefined, notice)).toEqual({ ok: false, reason: 'expired' });
    }));

  it('is given up after 3 s, however long Slack takes (S19)', async () => {
    const clock = manualClock();
    const hanging: Slack = { call: () => new Promise(() => undefined) };
    const opening = openModal({ slack: hanging, clock }, '1.2.3', notice);
    await clock.advance(2_999);
    expect(clock.sleeping()).toBe(1);
    await clock.advance(1);
    expect(await opening).toEqual({ ok: false, reason: 'late' });
  });

  it('that Slack refuses for another reason says which', () =>
    withModals(async ({ own, trigger }) => {
      const ports = { slack: own, clock: manualClock() };
      const wrong = { ...notice, title: { type: 'plain_text', text: 'x'.repeat(25) } };
      const refused = await openModal(ports, await trigger(), wrong);
      expect(refused).toMatchObject({ ok: false, reason: 'failed', fault: expect.any(Fault) });
    }));

  it('that the person has closed is gone', () =>
    withModals(async ({ own }) => {
      expect(await updateModal(own, { viewId: 'V0NOWHERE01', hash: undefined }, notice)).toEqual({
        ok: false,
        reason: 'gone',
      });
    }));
});
