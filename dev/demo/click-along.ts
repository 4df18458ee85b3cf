import type { Click } from '../../test/fakes/slack/click.ts';
import { PEOPLE } from '../workspace/seed.ts';
import type { Story } from './show.ts';

/** Clicks in place of people, through the same signed door as the page: one who may not, then ana. */
export async function approve(story: Story): Promise<void> {
  const { slack, channelId: channel } = story.world.workspace;
  const card = await slack.when(() =>
    slack.messages(channel).find(({ blocks }) => JSON.stringify(blocks).includes('approval:approve')),
  );
  const refused = await click(story, 'cyd', { channel, ts: card.ts, button: 'Approve' });
  story.say(`cyd is told: ${(await slack.when(() => refused.ephemerals[0])).text}`);
  await click(story, 'ana', { channel, ts: card.ts, button: 'Approve' });
}

/** Clicks the button of an action, then Run in the dialog, and waits for the answer in the thread. */
export async function deploy(story: Story): Promise<void> {
  const { slack, channelId: channel } = story.world.workspace;
  const clicked = await click(story, 'ben', { channel, button: 'Deploy' });
  const dialog = await slack.when(() => clicked.ephemerals[0]);
  story.say(`ben is asked: ${dialog.text}`);
  await click(story, 'ben', { channel, ts: dialog.ts, button: 'Run' });
  const said = await slack.when(() =>
    slack
      .messages(channel)
      .find(({ thread_ts: thread, text }) => thread !== undefined && /deploy/.test(text)),
  );
  story.say(`the thread says: ${said.text}`);
}

interface Target {
  readonly channel: string;
  readonly ts?: string;
  readonly button: string;
}

async function click({ world, say }: Story, who: string, target: Target): Promise<Click> {
  const by = PEOPLE.find(({ name }) => name === who)?.id ?? '';
  const clicked = await world.workspace.slack.click({ by, ...target });
  say(`${who} clicks ${target.button}: HTTP ${clicked.status}`);
  if (clicked.warning !== undefined)
    throw new Error(`the listener did not take the click: ${clicked.warning}`);
  return clicked;
}
