import { existsSync } from 'node:fs';
import { compare } from './compare.ts';
import type { Program } from './measure.ts';
import { BARE_NODE, door } from './paths.ts';
import { rowOf } from './result.ts';
import type { Row } from './result.ts';
import { startServers } from './server-process.ts';

const ACCESS_KEY = 'AKIABENCHMARK0000001';
const SECRET_KEY = 'a-secret-of-the-bench';

type Words = Readonly<Record<string, string | number>>;

/** A put that posts one link, against bare Node and against the two tools one would put in a shell script. */
export async function benchLink(say: (line: string) => void): Promise<Row[]> {
  const servers = startServers('strict.ts');
  try {
    const where = await servers.ask();
    const put = door('out', requestOf(where));
    const rounds = { measured: 25, warmUp: 3 };
    const bare = await compare(put, BARE_NODE, rounds);
    const after = await servers.ask();
    const puts = rounds.measured + rounds.warmUp;
    const calls = (Number(after['slackCalls']) - Number(where['slackCalls'])) / puts;
    const rows = [
      rowOf(bare, {
        name: 'put of a link',
        peerName: 'node -e 0',
        unit: 'ms',
        target: { most: 3 },
        withCpu: true,
        of: ({ ms }) => ms,
      }),
      callsRow(calls),
    ];
    const aws = findAws();
    if (aws === undefined) {
      say(
        'skipped: put of a link against aws s3 presign and curl (needs awscli 2 and curl: apt-get install awscli curl)',
      );
      return rows;
    }
    const script = await compare(put, presignAndCurl(aws, where), { measured: 8, warmUp: 1 });
    const aspect = {
      name: 'put of a link, not a script',
      peerName: 'aws s3 presign; curl',
      unit: 'ms',
      target: { most: 0.2 },
    };
    return [...rows, rowOf(script, { ...aspect, withCpu: true, of: ({ ms }) => ms })];
  } finally {
    servers.close();
  }
}

function requestOf(where: Words): unknown {
  return {
    source: {
      channel: 'C0RELEASES1',
      prefix: 'reports/',
      slack: { token: where['slackToken'], api_url: where['slackApi'] },
      aws: {
        region: 'eu-west-1',
        access_key_id: ACCESS_KEY,
        secret_access_key: SECRET_KEY,
        endpoint: where['aws'],
      },
      s3: { bucket: 'ci-artifacts', path_style: true },
    },
    params: { artifacts: [{ key: 'report.pdf', as: 'link', title: 'Daily report' }] },
  };
}

// The least a message takes is one call; more would be channel look-ups (S12).
function callsRow(calls: number): Row {
  return {
    name: 'put of a link, Slack calls',
    ours: calls,
    peer: 1,
    peerName: 'chat.postMessage alone',
    unit: 'calls',
    ratio: calls,
    target: { most: 1 },
    spread: [calls, calls],
    cpuRatio: undefined,
  };
}

// Debian's before one of a version manager, whose wrapper costs time of its own.
function findAws(): string | undefined {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(':')];
  return folders.map((folder) => `${folder}/aws`).find((file) => existsSync(file));
}

function presignAndCurl(aws: string, where: Words): Program {
  const presign = `${aws} --endpoint-url "$AWS" s3 presign s3://ci-artifacts/reports/report.pdf --expires-in 3600`;
  const post =
    'curl -sS --fail -H "Authorization: Bearer $TOKEN" --data-urlencode channel=C0RELEASES1 --data-urlencode "text=<$url|Daily report>" "$API"chat.postMessage';
  return {
    command: '/bin/sh',
    args: ['-ec', `url=$(${presign}); ${post} | grep -q '"ok":true'`],
    env: {
      AWS: String(where['aws']),
      API: String(where['slackApi']),
      TOKEN: String(where['slackToken']),
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_DEFAULT_REGION: 'eu-west-1',
    },
  };
}
