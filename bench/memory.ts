import { setTimeout as sleep } from 'node:timers/promises';
import { approveOne } from './listener/approve-one.ts';
import { SIGNING_SECRET } from './listener/clicks.ts';
import { inFolder } from './listener/folder.ts';
import { startListener, startProgram } from './listener/program.ts';
import { BOLT } from './paths.ts';
import { rowOfRounds } from './result.ts';
import type { Row } from './result.ts';
import { startServers } from './server-process.ts';

const ROUNDS = 5;
const REST_MS = 10_000;

/** What lies in memory ten seconds after one approval from request to decision, against a Bolt app that has done nothing. */
export async function benchMemory(): Promise<Row[]> {
  const slack = startServers('quick-slack.ts');
  try {
    const { slackApi } = await slack.ask();
    const sizes: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
    for (let round = 0; round < ROUNDS; round++) {
      await inFolder(async (dir) => {
        const listener = await startListener({ dir, slackApi: String(slackApi) });
        const peer = await startProgram([BOLT, String(slackApi), SIGNING_SECRET], {}, [/port (\d+)/]);
        await approveOne(listener, slack);
        await sleep(REST_MS);
        sizes.ours.push(listener.residentMiB());
        sizes.peer.push(peer.residentMiB());
        await Promise.all([listener.stop(), peer.stop()]);
      });
    }
    const aspect = { name: 'memory at rest after an approval', peerName: 'Bolt app, idle', unit: 'MiB' };
    return [rowOfRounds(sizes, { ...aspect, worst: true, target: { most: 120, of: 'ours' } })];
  } finally {
    slack.close();
  }
}
