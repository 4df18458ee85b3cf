import { join } from 'node:path';
import { GROUP, PEOPLE } from '../workspace/seed.ts';
import { listenerSectionOf } from '../workspace/source.ts';
import type { Workspace } from '../workspace/start.ts';

/** What the demo's pipelines send as `source.listener.token`. */
export const LISTENER_TOKEN = 'local-listener-token';

/** The gate that the demo's pipeline must pass. */
export const GATE = 'release';

/** The listener's configuration: ana and ben open the gate and may deploy, whoever started the build may not. */
export function listenerConfig(workspace: Workspace, gatewayUrl: string, folder: string): object {
  const { channelId } = workspace;
  return {
    server: { host: '127.0.0.1', port: 0, shutdown_delay: '1s' },
    store: { sqlite: join(folder, 'listener.db') },
    ...listenerSectionOf(workspace),
    tokens: [
      {
        name: 'demo',
        token: LISTENER_TOKEN,
        may: ['open', 'read', 'claim'],
        gates: [GATE],
        actions: ['k8s_deploy'],
      },
    ],
    gates: { [GATE]: { approvers: [GROUP.id], quorum: 1, use: 'once', channels: [channelId] } },
    people: Object.fromEntries(PEOPLE.map(({ name, id }) => [name, id])),
    gateway: { url: gatewayUrl, auth: 'none' },
    actions: {
      k8s_deploy: {
        allow: [GROUP.id],
        channels: [channelId],
        value: {
          type: 'object',
          properties: { deployment: { enum: ['app', 'api'] } },
          required: ['deployment'],
          additionalProperties: false,
        },
        confirm: 'Deploy {{value.deployment}} to production?',
        once: true,
        call: {
          method: 'POST',
          path: '/deploy',
          body: { deployment: '{{value.deployment}}', user_id: '{{user.id}}' },
        },
      },
    },
    audit: { key: 'local-audit-key-of-the-demo-at-least-32' },
  };
}
