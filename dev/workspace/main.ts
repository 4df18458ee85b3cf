import { stringify } from 'yaml';
import { environmentOf, sourceOf } from './source.ts';
import { startWorkspace } from './start.ts';

// Runs the workspace until Ctrl-C. Channels beside `releases` may be named as arguments.
const workspace = await startWorkspace({ channels: process.argv.slice(2) });
const exports = Object.entries(environmentOf(workspace)).map(([name, value]) => `export ${name}=${value}`);
process.stdout.write(`The workspace page: ${workspace.url}\n\nFor a resource of a pipeline:\n\n`);
process.stdout.write(stringify({ source: sourceOf(workspace) }));
process.stdout.write(`\nFor a shell:\n\n${exports.join('\n')}\n\nCtrl-C ends it; nothing is kept.\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void workspace.stop());
}
