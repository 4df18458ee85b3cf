import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeGateway } from '../../test/fakes/gateway/server.ts';
import type { FakeGateway } from '../../test/fakes/gateway/server.ts';
import { sourceOf } from '../workspace/source.ts';
import { startWorkspace } from '../workspace/start.ts';
import type { Workspace, WorkspaceOptions } from '../workspace/start.ts';
import { storeSamples } from '../workspace/store-samples.ts';
import { GATE, LISTENER_TOKEN } from './listener-config.ts';
import { startListener } from './start-listener.ts';
import type { RunningListener } from './start-listener.ts';

/** Everything that a gated pipeline needs, on this machine. */
export interface World {
  readonly workspace: Workspace;
  /** The service that the button's action calls. */
  readonly gateway: FakeGateway;
  /** The `source` of the resource that posts, and that of the gate resource. */
  readonly sources: { readonly messages: object; readonly gate: object };
  readonly listener: RunningListener;
  /** A folder that goes away in the end. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts Slack, S3 with samples, a service behind a gateway, and the listener as a process. `stop` leaves nothing behind. */
export async function startWorld(options: WorkspaceOptions = {}): Promise<World> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'demo-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    const workspace = await startWorkspace(options);
    ends.push(() => workspace.stop());
    await storeSamples(workspace);
    const gateway = await startFakeGateway({ auth: 'none' });
    ends.push(() => gateway.close());
    const listener = await startListener(workspace, gateway.url, folder);
    ends.push(() => listener.stop());
    const messages = { ...sourceOf(workspace), listener: { url: listener.url, token: LISTENER_TOKEN } };
    const { slack: _, channel: _channel, ...others } = messages;
    return {
      workspace,
      gateway,
      listener,
      sources: { messages, gate: { ...others, gate: GATE } },
      folder,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
