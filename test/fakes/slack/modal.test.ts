import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Click } from './click.ts';
import type { FakeSlack } from './server.ts';
import { startFakeSlack } from './server.ts';
import { json, startTestApp } from './testing-app.ts';
import type { TestApp } from './testing-app.ts';
import { api } from './testing.ts';
import type { View } from './workspace.ts';

let slack: FakeSlack;
let app: TestApp;

beforeEach(async () => {
  // The time stands still, but for what a test lets pass.
  const now = Date.now();
  slack = await startFakeSlack({ now: () => now });
  app = await startTestApp(slack);
  const elements = [{ type: 'button', text: plain('Deny'), action_id: 'deny', value: 'a1' }];
  const args = { channel: 'C0RELEASES1', text: 'card', blocks: [{ type: 'actions', elements }] };
  await app.call('chat.postMessage', args);
});
afterEach(() => Promise.all([slack.close(), app.close()]));

const plain = (text: string) => ({ type: 'plain_text', text });
const reason = {
  type: 'input',
  block_id: 'why',
  label: plain('Reason'),
  element: { type: 'plain_text_input', action_id: 'reason', max_length: 1000, multiline: true },
};
const modal = (more: object = {}) => ({
  type: 'modal',
  title: plain('Deny'),
  submit: plain('Deny'),
  callback_id: 'deny',
  private_metadata: 'a1',
  blocks: [reason],
  ...more,
});

const press = (): Promise<Click> => slack.click({ channel: 'releases', button: 'Deny', by: 'U0ALICE0001' });

async function open(view: object = modal()): Promise<{ click: Click; view: View }> {
  const click = await press();
  const answer = await app.call('views.open', { trigger_id: click.triggerId, view });
  expect(answer).toMatchObject({ ok: true });
  if (click.modal === undefined) throw new Error('no modal');
  return { click, view: click.modal };
}

describe('a trigger', () => {
  it('opens one modal, for the app that got it', async () => {
    const { click } = await open();
    expect(slack.views('U0ALICE0001')).toEqual([click.modal]);
    const again = { trigger_id: click.triggerId, view: modal() };
    expect(await app.call('views.open', again)).toMatchObject({ error: 'exchanged_trigger_id' });
    slack.setRequestUrl('pipeline', app.url);
    const { triggerId } = await press();
    expect(await api(slack, 'views.open', { trigger_id: triggerId, view: modal() })).toMatchObject({
      error: 'invalid_trigger_id',
    });
    expect(await app.call('views.open', { trigger_id: '1.2.x', view: modal() })).toMatchObject({
      error: 'invalid_trigger_id',
    });
  });

  it('is good for three seconds (S19)', async () => {
    const [late, early] = [await press(), await press()];
    slack.age(3000);
    expect(await app.call('views.open', { trigger_id: early.triggerId, view: modal() })).toMatchObject({
      ok: true,
    });
    slack.age(1);
    expect(await app.call('views.open', { trigger_id: late.triggerId, view: modal() })).toMatchObject({
      error: 'expired_trigger_id',
    });
  });
});

describe('views.open', () => {
  it.each([
    [
      'a long title',
      { title: plain('x'.repeat(25)) },
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'a long submit',
      { submit: plain('x'.repeat(25)) },
      'must be less than 25 characters [json-pointer:/view/submit/text]',
    ],
    ['no title', { title: undefined }, 'missing required field: title [json-pointer:/view]'],
    ['another type', { type: 'dialog' }, 'must be a valid enum value [json-pointer:/view/type]'],
    [
      'long metadata',
      { private_metadata: 'x'.repeat(3001) },
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    [
      'a long callback',
      { callback_id: 'x'.repeat(256) },
      'must be less than 256 characters [json-pointer:/view/callback_id]',
    ],
    [
      '101 blocks',
      { blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) },
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
    ['an unknown property', { color: 'red' }, 'invalid additional property: color [json-pointer:/view]'],
    [
      'an input without submit',
      { submit: undefined },
      '`submit` must be defined when an `input` block is used [json-pointer:/view/submit]',
    ],
    [
      'a block_id twice',
      { blocks: [reason, reason] },
      '`block_id` "why" already exists [json-pointer:/view/blocks/1/block_id]',
    ],
    [
      'a button as an input',
      { blocks: [{ ...reason, element: { type: 'button', text: plain('x') } }] },
      'unsupported type: button [json-pointer:/view/blocks/0/element/type]',
    ],
    [
      'an input without a label',
      { blocks: [{ ...reason, label: undefined }] },
      'missing required field: label [json-pointer:/view/blocks/0]',
    ],
    [
      'a long action_id',
      { blocks: [{ ...reason, element: { type: 'plain_text_input', action_id: 'x'.repeat(256) } }] },
      'must be less than 256 characters [json-pointer:/view/blocks/0/element/action_id]',
    ],
    [
      'a text longer than allowed',
      { blocks: [{ ...reason, element: { type: 'plain_text_input', max_length: 3001 } }] },
      'must be less than 3001 [json-pointer:/view/blocks/0/element/max_length]',
    ],
  ])('refuses %s', async (_, more, message) => {
    const click = await press();
    const answer = await app.call('views.open', { trigger_id: click.triggerId, view: modal(more) });
    expect(answer).toMatchObject({ ok: false, error: 'invalid_arguments' });
    expect(answer['errors']).toContain(message);
    expect(click.modal).toBeUndefined();
  });

  it('refuses a view of more than 250 kB', async () => {
    const { triggerId } = await press();
    const section = { type: 'section', text: plain('x'.repeat(2900)) };
    const view = modal({ blocks: Array.from({ length: 90 }, () => section) });
    expect(await app.call('views.open', { trigger_id: triggerId, view })).toMatchObject({
      error: 'view_too_large',
    });
  });
});

describe('views.update', () => {
  it('replaces the content and its hash, and refuses the hash of before', async () => {
    const { view } = await open(
      modal({ submit: undefined, blocks: [{ type: 'section', text: plain('Loading') }] }),
    );
    const { hash } = view;
    const update = (more: object) => app.call('views.update', { view_id: view.id, view: modal(), ...more });
    expect(await update({ hash })).toMatchObject({ ok: true, view: { callback_id: 'deny' } });
    expect(view.hash).not.toBe(hash);
    expect(await update({ hash })).toMatchObject({ error: 'hash_conflict' });
    expect(await update({ hash: view.hash })).toMatchObject({ ok: true });
    expect(await update({ view_id: 'V1' })).toMatchObject({ error: 'not_found' });
  });

  it('finds no modal that was closed', async () => {
    const { view } = await open();
    await slack.closeView(view);
    expect(await app.call('views.update', { view_id: view.id, view: modal() })).toMatchObject({
      error: 'not_found',
    });
  });
});

describe('a form', () => {
  it('is posted with its values and metadata, and with no word of the message (S20)', async () => {
    const { view } = await open();
    const sent = await slack.submit(view, { values: { reason: 'not today' } });
    expect(sent).toMatchObject({ status: 200, warning: undefined, view: undefined });
    expect(sent.payload).toMatchObject({
      type: 'view_submission',
      user: { id: 'U0ALICE0001' },
      api_app_id: 'A0LISTENER1',
      response_urls: [],
      view: {
        id: view.id,
        hash: view.hash,
        callback_id: 'deny',
        private_metadata: 'a1',
        root_view_id: view.id,
        app_id: 'A0LISTENER1',
        state: { values: { why: { reason: { type: 'plain_text_input', value: 'not today' } } } },
      },
    });
    expect(sent.payload).not.toHaveProperty('channel');
    expect(sent.payload).not.toHaveProperty('message');
    expect(slack.views()).toEqual([]);
  });

  it('is not sent by Slack’s client when a field is empty or too long', async () => {
    const { view } = await open();
    await expect(slack.submit(view)).rejects.toThrow('reason is empty');
    await expect(slack.submit(view, { values: { reason: 'x'.repeat(1001) } })).rejects.toThrow('too long');
    await expect(slack.submit(view, { values: { because: 'x' } })).rejects.toThrow('no field because');
    expect(app.received).toHaveLength(1);
  });

  it('stays open with the errors of its fields', async () => {
    const { view } = await open();
    app.respond = json({ response_action: 'errors', errors: { why: 'Say more' } });
    const sent = await slack.submit(view, { values: { why: 'x' } });
    expect(sent).toMatchObject({ errors: { why: 'Say more' }, warning: undefined });
    expect(sent.view).toBe(view);
    app.respond = json({ response_action: 'errors', errors: { other: 'x' } });
    expect(await slack.submit(view, { values: { why: 'x' } })).toMatchObject({
      warning: 'no input block other',
    });
  });

  it('gives way to another, takes another on top, and lets all go', async () => {
    const { view } = await open();
    const values = { reason: 'x' };
    app.respond = json({ response_action: 'update', view: modal({ title: plain('Sure?') }) });
    expect((await slack.submit(view, { values })).view?.content).toMatchObject({ title: { text: 'Sure?' } });
    app.respond = json({ response_action: 'push', view: modal({ title: plain('Really?') }) });
    const { view: top } = await slack.submit(view, { values });
    if (top === undefined) throw new Error('no modal');
    expect(top).toMatchObject({ root: view.id, previous: view.id });
    expect(slack.views()).toHaveLength(2);
    app.respond = json({ response_action: 'clear' });
    await slack.submit(top, { values });
    expect(slack.views()).toEqual([]);
  });

  it('warns the person when the acknowledgement makes no sense, and stays open', async () => {
    const { view } = await open();
    const values = { reason: 'x' };
    app.respond = json({ response_action: 'update', view: modal({ title: plain('x'.repeat(25)) }) });
    expect((await slack.submit(view, { values })).warning).toContain('invalid_arguments');
    app.respond = (res) => void res.end('thanks');
    expect((await slack.submit(view, { values })).warning).toContain('no JSON object');
    app.respond = (res) => void res.writeHead(500).end();
    expect((await slack.submit(view, { values })).warning).toBe('http_500');
    expect(slack.views()).toEqual([view]);
  });

  it('can be pushed onto by a click inside it, three deep', async () => {
    const button = {
      type: 'actions',
      elements: [{ type: 'button', text: plain('More'), action_id: 'more' }],
    };
    const { view } = await open(modal({ blocks: [button] }));
    let top = view;
    const push = async () => {
      const click = await slack.click({ view: top, button: 'More', by: 'U0ALICE0001' });
      expect(click.payload).toMatchObject({ container: { type: 'view', view_id: top.id } });
      expect(click.payload).not.toHaveProperty('response_url');
      const answer = await app.call('views.push', {
        trigger_id: click.triggerId,
        view: modal({ blocks: [button] }),
      });
      top = click.modal ?? top;
      return answer;
    };
    expect([await push(), await push()]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await push()).toMatchObject({ error: 'push_limit_reached' });
    const { triggerId } = await press();
    expect(await app.call('views.push', { trigger_id: triggerId, view: modal() })).toMatchObject({
      error: 'not_found',
    });
  });

  it('tells of its closing only where it was asked to', async () => {
    const quiet = await open();
    expect(await slack.closeView(quiet.view)).toBeUndefined();
    const { view } = await open(modal({ notify_on_close: true }));
    expect(await slack.closeView(view)).toMatchObject({ status: 200 });
    expect(app.received.at(-1)?.payload).toMatchObject({
      type: 'view_closed',
      is_cleared: false,
      view: { id: view.id, private_metadata: 'a1' },
    });
    await expect(slack.submit(view)).rejects.toThrow('closed');
  });
});
