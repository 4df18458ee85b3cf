import { messageOf } from '../src/kit/fault.ts';
import { approve, deploy } from './demo/click-along.ts';
import { ask, passGate } from './demo/gate.ts';
import { postMessages } from './demo/messages.ts';
import type { Story } from './demo/show.ts';
import { startWorld } from './demo/start-world.ts';

// The main job on embedded defaults: a local Slack and S3, the listener, real put steps against them, and a gate that a click
// on the local page opens. With --auto it clicks by itself and ends. Needs `npm run build`: npm run demo
const auto = process.argv.includes('--auto');
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort());

const world = await startWorld();
const say = (line: string) => process.stdout.write(`${line}\n`);
const story: Story = { world, say, signal: ending.signal };
try {
  await (auto ? runAlong() : runWithPeople());
} catch (error) {
  // What was stopped has failed, too.
  if (!ending.signal.aborted) throw error;
} finally {
  await world.stop();
}

async function runAlong(): Promise<void> {
  say('A Slack workspace, an S3 bucket and the listener run on this machine.');
  await postMessages(story);
  await Promise.all([ask(story), approve(story)]);
  await passGate(story);
  say('\n== the button ==');
  await deploy(story);
  say('\nThe messages are posted, the gate was opened by a click, and the button has deployed.');
}

async function runWithPeople(): Promise<void> {
  const { url } = world.workspace;
  say('A Slack workspace, an S3 bucket and the listener run on this machine.');
  say(`Open the channel in a browser: ${url}`);
  await postMessages(story);
  const asked = ask(story);
  say(`\nThe build waits: click Approve or Deny on ${url} as Ana or Ben. Others may try.`);
  try {
    await asked;
    await passGate(story);
    say('\nThe gate has opened. The button "Deploy" of the message before waits for a click, too.');
  } catch (error) {
    if (ending.signal.aborted) return;
    say(`\nThe gate stays closed: ${messageOf(error).trim()}`);
  }
  say('Ctrl-C ends the demo; nothing is kept.');
  await untilEnd();
}

async function untilEnd(): Promise<void> {
  if (ending.signal.aborted) return;
  await new Promise<void>((resolve) => {
    // A listener for signals alone does not keep the process alive, the servers do.
    ending.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
