import { setTimeout as sleep } from 'node:timers/promises';
import { recordItem } from '../src/store/dynamodb-items.ts';
import { openDynamoStore } from '../src/store/dynamodb.ts';
import { migrateDynamo } from '../src/store/migrate.ts';
import type { StoredRecord } from '../src/store/store.ts';
import { CREDENTIALS, startDynamo } from '../test/store/dynamo-place.ts';
import type { DynamoPlace } from '../test/store/dynamo-place.ts';
import { askOne, clickOne } from './listener/approve-one.ts';
import { inFolder } from './listener/folder.ts';
import { openLine } from './listener/load.ts';
import { startListener } from './listener/program.ts';
import { GROUP } from './listener/requests.ts';
import { figureRow } from './result.ts';
import type { Row } from './result.ts';
import { startServers } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

const VOTES = 50;
const TABLE = 'listener';
const REGION = 'eu-west-1';
const QUIET_MS = 300;
const LARGEST_ITEM = 64 * 1024;

/** What an approval that 50 people must give costs in DynamoDB: calls from the request to the last effect, and its item then. */
export async function benchDynamo(say: (line: string) => void): Promise<Row[]> {
  const slack = startServers('quick-slack.ts');
  const place = await startDynamo();
  try {
    const options = { table: TABLE, region: REGION, endpoint: place.endpoint, credentials: CREDENTIALS };
    await migrateDynamo(options);
    const { opened, calls, id } = await inFolder((dir) => approveByAll(dir, place, slack));
    const store = await openDynamoStore(options);
    const record = await store.read(id);
    await store.close();
    if (record?.status !== 'approved') throw new Error(`the approval is ${record?.status}`);
    const counts = Object.entries(calls).map(([name, count]) => `${count} ${name}`);
    say(`dynamodb: to the posted card ${opened} writes; in all ${counts.join(', ')}`);
    const least = VOTES + 2;
    return [
      figureRow({
        name: `DynamoDB writes, ${VOTES} votes`,
        ours: writesIn(calls),
        peer: least,
        peerName: 'one for the request, its card and each vote',
        unit: 'writes',
        target: {},
      }),
      figureRow({
        name: `DynamoDB item after ${VOTES} votes`,
        ours: bytesOf(record),
        peer: LARGEST_ITEM,
        peerName: 'our own limit of 64 KiB',
        unit: 'bytes',
        target: { most: 1 },
      }),
    ];
  } finally {
    slack.close();
    await place.end();
  }
}

type Calls = Readonly<Record<string, number>>;

// One person after the other, each when everything that followed from the one before is done: clicks that come together are
// saved together with fewer redrawings of the card.
async function approveByAll(
  dir: string,
  place: DynamoPlace,
  slack: ServerProcess,
): Promise<{ opened: number; calls: Calls; id: string }> {
  const { slackApi } = await slack.ask();
  const listener = await startListener({
    dir,
    slackApi: String(slackApi),
    config: {
      store: { dynamodb: { requests: TABLE } },
      aws: { region: REGION, endpoint: place.endpoint },
      gates: { '*': { approvers: [GROUP], unknown_requester: 'allow', quorum: VOTES } },
    },
    env: { AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey },
  });
  try {
    const before = { ...place.calls };
    const line = await openLine(listener.origin);
    const card = await askOne(line, slack);
    await settled(place);
    const opened = writesIn(since(before, place.calls));
    for (let n = 0; n < VOTES; n++) {
      await clickOne(line, card, n, slack);
      await settled(place);
    }
    line.close();
    return { opened, calls: since(before, place.calls), id: `approval/${card.value.split('.')[0]}` };
  } finally {
    await listener.stop();
  }
}

/** Resolves when nothing has been written for a while. */
async function settled(place: DynamoPlace): Promise<void> {
  for (let before = -1; writesIn(place.calls) !== before; await sleep(QUIET_MS))
    before = writesIn(place.calls);
}

function since(before: Calls, now: Calls): Calls {
  return Object.fromEntries(Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}

function writesIn(calls: Calls): number {
  return Object.entries(calls).reduce(
    (sum, [name, count]) => (/^(?:Put|Update|Delete|Transact)/.test(name) ? sum + count : sum),
    0,
  );
}

// As DynamoDB counts: names and values of all attributes.
function bytesOf(record: StoredRecord): number {
  const { item } = recordItem(record, JSON.stringify(record));
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value.S ?? value.N ?? ''),
    0,
  );
}
