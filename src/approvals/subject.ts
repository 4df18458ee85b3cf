import { createHash } from 'node:crypto';
import type { Change, Machine, Refusal, Snapshot } from '../durable/machine.ts';
import type { JsonObject } from '../store/store.ts';
import type { Terms } from './record.ts';
import { scopeOf } from './scope.ts';

/** One request on a subject. */
interface Asked {
  /** Record id of the request. */
  readonly id: string;
  readonly at: number;
  /** It withdraws the older ones. */
  readonly supersedes: boolean;
}

/** The requests on a subject that no newer one has taken the place of, oldest first. */
export interface Subject {
  readonly asked: readonly Asked[];
}

export interface SubjectEvent extends Asked {
  readonly type: 'opened';
}

/** Withdraws the older of two requests on one subject. */
export type Supersede = (older: string, newer: string) => Promise<void>;

const MOST_ASKED = 50;

/**
 * The record that the requests on one subject agree through: in whatever order they come to it, each that a newer one
 * supersedes is withdrawn.
 */
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
  { id, at, supersedes }: SubjectEvent,
): Change<Subject> | Refusal<'known'> {
  const before = current?.data.asked ?? [];
  if (before.some((each) => each.id === id)) return { refused: 'known' };
  const all = [...before, { id, at, supersedes }].toSorted(
    (a, b) => a.at - b.at || (a.id < b.id ? -1 : Number(a.id > b.id)),
  );
  const first = all.findLastIndex((each) => each.supersedes);
  const newer = all[first]?.id;
  const older = all.slice(0, Math.max(first, 0));
  return {
    status: 'open',
    data: { asked: all.slice(Math.max(first, 0)).slice(-MOST_ASKED) },
    schedule: older.map((each) => ({ key: `withdraw:${each.id}`, data: { newer } })),
  };
}

function isSubject(data: JsonObject): data is JsonObject & Subject {
  return Array.isArray(data['asked']);
}
