import { compare } from './compare.ts';
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
export async function benchGateCheck(): Promise<Row[]> {
  const servers = startServers('gate.ts');
  try {
    const { url = '', token = '' } = await servers.ask();
    const request = { source: { gate: 'release', listener: { url, token } } };
    const gate = await compare(door('check', request), BARE_NODE, { measured: 40, warmUp: 3 });
    const aspect = { peerName: 'node -e 0', unit: 'ms', target: { most: 2 }, withCpu: true };
    return [rowOf(gate, { ...aspect, name: 'check of a gate', of: ({ ms }) => ms })];
  } finally {
    servers.close();
  }
}
