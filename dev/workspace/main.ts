import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { GROUP } from './seed.ts';
import { environmentOf, listenerSectionOf, sourceOf } from './source.ts';
import { startWorkspace } from './start.ts';

// Runs the workspace until Ctrl-C. Channels beside `releases` may be named as arguments; with `--listener http://127.0.0.1:8080`
// clicks go to the listener there.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { listener: { type: 'string', default: 'http://127.0.0.1:8080' } },
});
const workspace = await startWorkspace({ channels: positionals });
for (const app of ['listener', 'pipeline'])
  workspace.slack.setRequestUrl(app, new URL('/slack/interactions', values.listener).href);
const exports = Object.entries(environmentOf(workspace)).map(([name, value]) => `export ${name}=${value}`);
process.stdout.write(`The workspace page: ${workspace.url}\n\nFor a resource of a pipeline:\n\n`);
const token = 'local-listener-token';
process.stdout.write(
  stringify({ source: { ...sourceOf(workspace), listener: { url: values.listener, token } } }),
);
process.stdout.write(`\nThe whole listener.yaml of a listener at ${values.listener}:\n\n`);
process.stdout.write(
  stringify({
    server: { host: '127.0.0.1', port: Number(new URL(values.listener).port || 80), shutdown_delay: '1s' },
    store: { sqlite: './listener.db' },
    ...listenerSectionOf(workspace),
    tokens: [{ name: 'local', token, may: ['open', 'read', 'claim'], gates: ['release'] }],
    gates: {
      release: { approvers: [GROUP.id], channels: [workspace.channelId], unknown_requester: 'allow' },
    },
  }),
);
process.stdout.write(`\nFor a shell:\n\n${exports.join('\n')}\n\nCtrl-C ends it; nothing is kept.\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void workspace.stop());
}
