import { expect, it } from 'vitest';
import { createHandlers } from '../../src/slack/handlers.ts';
import type { AppName } from '../../src/slack/handlers.ts';
import { readInteraction } from '../../src/slack/interaction.ts';
import { clickPayload } from '../support/slack-payloads.ts';

const nothing = async () => undefined;

function clicked(actionId: string) {
  const read = readInteraction(clickPayload(actionId));
  if (!read.ok || read.value.type !== 'block_actions') throw new Error('no click');
  return read.value;
}

it('finds the longest prefix, whatever the order of registration', () => {
  for (const order of [
    ['call:', 'call:deploy:'],
    ['call:deploy:', 'call:'],
  ]) {
    const handlers = createHandlers();
    for (const prefix of order) handlers.onAction(prefix, nothing);
    expect(handlers.find(clicked('call:deploy:1'), 'own')).toMatchObject({ name: 'call:deploy:' });
    expect(handlers.find(clicked('call:other'), 'own')).toMatchObject({ name: 'call:' });
    expect(handlers.find(clicked('other'), 'own')).toBeUndefined();
  }
});

it.each([
  ['the own app alone', undefined, { own: true, pipeline: false }],
  ['the pipelines alone', ['pipeline'], { own: false, pipeline: true }],
  ['both', ['own', 'pipeline'], { own: true, pipeline: true }],
] satisfies [string, AppName[] | undefined, Record<AppName, boolean>][])(
  'takes clicks from %s when told so',
  (_, apps, taken) => {
    const handlers = createHandlers();
    handlers.onAction('go', nothing, apps && { apps });
    for (const app of ['own', 'pipeline'] as const) {
      const found = handlers.find(clicked('go'), app);
      expect(found !== 'not_from_there').toBe(taken[app]);
    }
  },
);

it('refuses a second handler for the same prefix, and one for everything', () => {
  const handlers = createHandlers();
  handlers.onAction('go', nothing);
  expect(() => handlers.onAction('go', nothing)).toThrow('registered twice');
  expect(() => handlers.onAction('', nothing)).toThrow('for everything');
  handlers.onViewSubmission('go', nothing);
});
