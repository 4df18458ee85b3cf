import { fileURLToPath } from 'node:url';
import { compare } from './compare.ts';
import type { Program, Sample } from './measure.ts';
import { BARE_NODE, door } from './paths.ts';
import { rowOf } from './result.ts';
import type { Row } from './result.ts';
import { startServers } from './server-process.ts';

/** An object of 1 GiB from S3 to Slack on loopback: how much memory it takes, and how fast it goes. */
export async function benchUpload(): Promise<Row[]> {
  const servers = startServers('fast.ts');
  try {
    const { origin, size } = await servers.ask();
    const from = `${origin}/ci-artifacts/big.iso`;
    const to = `${origin}/upload/v1/F0BENCHMARK`;
    const put = door('out', requestOf(String(origin)));
    const pipe = await compare(put, plainPipe(from, to), { measured: 5, warmUp: 1 });
    const curl = await compare(put, curlToCurl(from, to), { measured: 5, warmUp: 1 });
    const { received } = await servers.ask();
    if (Number(received) !== 24 * Number(size)) throw new Error(`24 uploads brought ${received} bytes`);
    const mib = Number(size) / 1024 ** 2;
    const speed = ({ ms }: Sample) => (mib * 1000) / ms;
    return [
      rowOf(pipe, {
        name: 'upload of 1 GiB, peak memory',
        peerName: 'plain http pipe',
        unit: 'MiB',
        target: { most: 160, of: 'ours' },
        worst: true,
        of: ({ peakMiB }) => peakMiB,
      }),
      rowOf(curl, {
        name: 'upload of 1 GiB, throughput',
        peerName: 'curl | curl',
        unit: 'MiB/s',
        target: { least: 0.7 },
        withCpu: true,
        of: speed,
      }),
    ];
  } finally {
    servers.close();
  }
}

function requestOf(origin: string): unknown {
  return {
    source: {
      channel: 'C0RELEASES1',
      slack: { token: 'xoxb-not-a-token', api_url: `${origin}/api/` },
      aws: {
        region: 'eu-west-1',
        access_key_id: 'AKIABENCHMARK0000001',
        secret_access_key: 'a-secret',
        endpoint: origin,
      },
      s3: { bucket: 'ci-artifacts', path_style: true, max_size: '2GB' },
    },
    params: { artifacts: [{ key: 'big.iso', as: 'upload' }] },
  };
}

function plainPipe(from: string, to: string): Program {
  return { ...BARE_NODE, args: [fileURLToPath(import.meta.resolve('./peers/plain-pipe.mjs')), from, to] };
}

// -T - sends stdin as it comes; --data-binary @- would read all of it into memory first.
function curlToCurl(from: string, to: string): Program {
  const script = `curl -sS "${from}" | curl -sS --fail -X POST -T - "${to}"`;
  return { command: '/bin/sh', args: ['-c', script] };
}
