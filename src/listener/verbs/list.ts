import { isInDoubt } from '../../approvals/decide-restore.ts';
import { readApproval } from '../../approvals/record.ts';
import { failingEffects } from '../../durable/retry.ts';
import { isRecord } from '../../kit/json.ts';
import type { Store, StoredRecord } from '../../store/store.ts';
import type { Verb } from '../verb.ts';
import { checkKind } from './kinds.ts';
import { readOptions } from './options.ts';

/** Shows the records of the store, one a line: id, status, age, and what fails. */
export const list: Verb = {
  name: 'list',
  usage: '[--kind KIND] [--status STATUS] [--failing] [--restored]',
  summary:
    'lists approvals, records of another kind, all with effects that fail, or what a restore put in doubt',
  async run({ store, say, warn, clock }, args) {
    const { values } = readOptions(args, [], {
      kind: { type: 'string' },
      status: { type: 'string' },
      failing: { type: 'boolean', default: false },
      restored: { type: 'boolean', default: false },
    });
    const { status, kind = values.failing ? undefined : 'approval' } = values;
    checkKind(kind, status);
    let count = 0;
    const opened = await store();
    const epoch = await opened.readEpoch();
    for await (const record of allRecords(opened, { kind, status })) {
      const failing = failingEffects(record);
      const restored = needsLook(record, epoch, clock.now());
      if (values.restored && !restored) continue;
      if (values.failing && failing.length === 0) continue;
      count += 1;
      say(
        [
          record.id,
          record.status,
          `${age(clock.now() - record.updatedAt)} ago`,
          titleOf(record),
          ...(restored ? ['RESTORED'] : []),
          ...failing.map((key) => `FAILING ${key}`),
        ].join('  '),
      );
    }
    warn(`listener: ${count} ${count === 1 ? 'record' : 'records'}`);
    return 0;
  },
};

/** Every record of the filter, a page at a time. */
export async function* allRecords(
  store: Store,
  filter: { readonly kind?: string | undefined; readonly status?: string | undefined },
): AsyncGenerator<StoredRecord> {
  for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
    const page = await store.list(filter, next);
    yield* page.records;
    next = page.next;
  }
}

// Asked anew after a restore and not decided yet, or not told of it yet.
function needsLook(
  { kind, status, data, epoch: saved = 1 }: StoredRecord,
  epoch: number,
  now: number,
): boolean {
  if (kind !== 'approval' || epoch === 1) return false;
  const approval = readApproval(data);
  return (
    (status === 'open' && approval.restored !== undefined) ||
    (saved < epoch && isInDoubt({ status, data: approval }, now))
  );
}

function titleOf({ data }: StoredRecord): string {
  const { terms, action, user } = data;
  if (typeof action === 'string')
    return `${action}${isRecord(user) && typeof user['id'] === 'string' ? ` by ${user['id']}` : ''}`;
  const title = typeof terms === 'object' && terms !== null && 'title' in terms ? terms.title : '';
  return typeof title === 'string' ? JSON.stringify(title.slice(0, 80)) : '';
}

function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}
