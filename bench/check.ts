import { compare, median } from './compare.ts';
import { approveOne } from './listener/approve-one.ts';
import { rawRequest } from './listener/clicks.ts';
import { inFolder } from './listener/folder.ts';
import { openLine } from './listener/load.ts';
import { startListener, TOKEN } from './listener/program.ts';
import type { RunningProgram } from './listener/program.ts';
import { BARE_NODE, bundle, door } from './paths.ts';
import { rowOf } from './result.ts';
import type { Row } from './result.ts';
import { startServers } from './server-process.ts';

const REQUEST = {
  source: {
    channel: '#releases',
    prefix: 'slack-content/',
    slack: { token: 'xoxb-not-a-token' },
    aws: { region: 'eu-west-1', access_key_id: 'AKIABENCHMARK0000001', secret_access_key: 'a-secret' },
    s3: { bucket: 'ci-artifacts' },
  },
  version: { channel: 'C0RELEASES1', ts: '1700000000.000100' },
};

/** What a check of a message resource costs beside Node's own start; it runs about once a minute a resource. */
export async function benchCheck(): Promise<Row[]> {
  const rounds = { measured: 40, warmUp: 3 };
  const aspect = { peerName: 'node -e 0', unit: 'ms', target: { most: 1.3 }, withCpu: true };
  const bare = await compare(bundle('check', REQUEST), BARE_NODE, rounds);
  const whole = await compare(door('check', REQUEST), BARE_NODE, rounds);
  return [
    rowOf(bare, { ...aspect, name: 'check, node dist/check.js', of: ({ ms }) => ms }),
    rowOf(whole, { ...aspect, name: 'check, assets/check', of: ({ ms }) => ms }),
  ];
}

/** What a check of a gate costs beside Node's own start and one request to the listener, which is measured with it. */
export async function benchGateCheck(say: (line: string) => void): Promise<Row[]> {
  const slack = startServers('quick-slack.ts');
  try {
    const { slackApi } = await slack.ask();
    return await inFolder(async (dir) => {
      const listener = await startListener({ dir, slackApi: String(slackApi) });
      try {
        await approveOne(listener, slack);
        return [await gateCheck(listener, say)];
      } finally {
        await listener.stop();
      }
    });
  } finally {
    slack.close();
  }
}

async function gateCheck({ origin }: RunningProgram, say: (line: string) => void): Promise<Row> {
  const request = { source: { gate: 'release', listener: { url: origin, token: TOKEN } } };
  const gate = await compare(door('check', request), BARE_NODE, { measured: 40, warmUp: 3 });
  if (!gate.ours.every(({ stdout }) => stdout.includes('"approved"')))
    throw new Error(`a check found no decision: ${gate.ours[0]?.stdout}`);
  say(`gate-check: one request takes ${(await roundTrip(origin)).toFixed(1)} ms`);
  const aspect = { peerName: 'node -e 0', unit: 'ms', target: { most: 2 }, withCpu: true };
  return rowOf(gate, { ...aspect, name: 'check of a gate', of: ({ ms }) => ms });
}

async function roundTrip(origin: string): Promise<number> {
  const line = await openLine(origin);
  const ask = rawRequest('GET', '/v1/gates/release/decisions?emit=approved', {
    host: '127.0.0.1',
    authorization: `Bearer ${TOKEN}`,
  });
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const started = performance.now();
    await line.send(ask);
    times.push(performance.now() - started);
  }
  line.close();
  return median(times);
}
