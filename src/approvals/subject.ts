import { createHash } from 'node:crypto';
import type { Change, Machine, Refusal, Snapshot } from '../durable/machine.ts';
import type { JsonObject } from '../store/store.ts';
import { scopeOf } from './decide-claim.ts';
import type { Terms } from './record.ts';

/** The newest request on a subject. */
export interface Subject {
  readonly newest: string;
  readonly at: number;
}

export interface SubjectEvent {
  readonly type: 'opened';
  /** Record id of the request. */
  readonly id: string;
  readonly at: number;
}

/** Withdraws the older of two requests on one subject. */
export type Supersede = (older: string, newer: string) => Promise<void>;

/** The record that two requests on one subject agree through: whoever comes later sees the other and withdraws the older. */
export function subjectMachine(supersede: Supersede): Machine<Subject, SubjectEvent, 'known'> {
  return {
    kind: 'subject',
    schema: 1,
    parse: (data) => {
      if (!isSubject(data)) throw new Error('not the data of a subject');
      return data;
    },
    write: (subject) => ({ ...subject }),
    decide: opened,
    effects: {
      withdraw: {
        lane: 'store',
        run: async ({ key, data }) => {
          await supersede(key.slice('withdraw:'.length), String(data?.['newer']));
          return undefined;
        },
      },
    },
  };
}

/** The id of a subject's record: a request never touches one of another token or pipeline. */
export function subjectId({ gate, subject, token, origin }: Terms): string {
  const name = JSON.stringify([gate, subject, token, scopeOf(origin)]);
  return `subject/${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

function opened(
  current: Snapshot<Subject> | undefined,
  { id, at }: SubjectEvent,
): Change<Subject> | Refusal<'known'> {
  if (current === undefined) return { status: 'open', data: { newest: id, at } };
  const { newest } = current.data;
  if (newest === id) return { refused: 'known' };
  const isNewer = at > current.data.at || (at === current.data.at && id > newest);
  const [older, newer] = isNewer ? [newest, id] : [id, newest];
  return {
    status: 'open',
    data: isNewer ? { newest: id, at } : current.data,
    schedule: [{ key: `withdraw:${older}`, data: { newer } }],
  };
}

function isSubject(data: JsonObject): data is JsonObject & Subject {
  return typeof data['newest'] === 'string' && typeof data['at'] === 'number';
}
