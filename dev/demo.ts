import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRecord } from '../src/kit/json.ts';
import { runStep } from './run-step.ts';
import { sourceOf } from './workspace/source.ts';
import { startWorkspace } from './workspace/start.ts';
import type { Workspace } from './workspace/start.ts';
import { storeSamples } from './workspace/store-samples.ts';

// The main job on embedded defaults: a local Slack and S3, real put and get steps against them, and a page that shows the
// channel. With --auto it ends by itself. Needs `npm run build`: npm run demo
const PUTS: readonly (readonly [string, unknown])[] = [
  [
    'a link',
    {
      text: 'Nightly report of {{BUILD_PIPELINE_NAME}} <{{BUILD_URL}}|#{{BUILD_NAME}}>',
      artifacts: [{ key: 'reports/report.pdf', as: 'link', title: 'Daily report', expires_in: '48h' }],
    },
  ],
  ['an upload', { artifacts: [{ key: 'reports/report.pdf', as: 'upload', title: 'Daily report' }] }],
  [
    'an image',
    {
      text: 'CPU of the web servers',
      artifacts: [
        {
          key: 'charts/cpu.png',
          as: 'image',
          title: 'CPU',
          alt: 'CPU of the web servers over the last hour',
        },
      ],
    },
  ],
  [
    'a button',
    { text: 'Version 1.2.3 is out', buttons: [{ text: 'Release notes', url: 'https://example.com/notes' }] },
  ],
];

const say = (line: string) => process.stdout.write(`${line}\n`);
const workspace = await startWorkspace();
const folder = await mkdtemp(join(tmpdir(), 'demo-'));
try {
  await storeSamples(workspace);
  say(`A Slack workspace and an S3 bucket run on this machine.`);
  for (const [what, params] of PUTS) await show(what, params);
  if (process.argv.includes('--auto')) say('\nAll four messages are posted.');
  else await stayOpen(workspace);
} finally {
  await workspace.stop();
  await rm(folder, { recursive: true, force: true });
}

// The put, then the get that Concourse adds after it.
async function show(what: string, params: unknown): Promise<void> {
  const source = sourceOf(workspace);
  say(`\n== put: ${what} ==`);
  say(`params: ${JSON.stringify(params)}`);
  const { answer: put, lines } = await runStep('out', { source, params }, folder);
  if (lines !== '') say(lines.trimEnd());
  say(`answer: ${JSON.stringify(put, undefined, 2)}`);
  const into = await mkdtemp(join(folder, 'get-'));
  if (!isRecord(put)) throw new Error('out answered something else than an object');
  await runStep('in', { source, version: put['version'] }, into);
  for (const file of (await readdir(into)).sort()) {
    const text = await readFile(join(into, file), 'utf8');
    say(`get wrote ${file}: ${text.replace(/\s*\n\s*/g, ' ').trim()}`);
  }
}

async function stayOpen({ url }: Workspace): Promise<void> {
  say(`\nOpen the channel in a browser: ${url}\nCtrl-C ends the demo; nothing is kept.`);
  await new Promise<void>((resolve) => {
    // A listener for signals alone does not keep the process alive, the servers do.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
