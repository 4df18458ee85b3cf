import { dueAt } from '../../src/durable/schedule.ts';
import type { StoredRecord } from '../../src/store/store.ts';
import { memoryStore } from '../support/memory-store.ts';
import type { MemoryStore } from '../support/memory-store.ts';

/** A store in memory that looks at every write; what it finds wrong is in `wrong`. */
export function watchedStore(): { readonly store: MemoryStore; readonly wrong: string[] } {
  const wrong: string[] = [];
  const versions = new Map<string, number>();
  const store = memoryStore({
    around(phase, method, id) {
      if (phase === 'before' || method !== 'save') return;
      const record = store.all().find((each) => each.id === id);
      const before = versions.get(id) ?? 0;
      if (record === undefined || record.version === before) return;
      versions.set(id, record.version);
      if (record.version !== before + 1) wrong.push(`${id}: version ${record.version} after ${before}`);
      wrong.push(...problemsOf(record));
    },
  });
  return { store, wrong };
}

function problemsOf({ id, effects, dueAt: said, audit }: StoredRecord): readonly string[] {
  const earliest = effects.length === 0 ? undefined : Math.min(...effects.map(dueAt));
  const last = audit.pending.at(-1);
  return [
    ...(said === earliest ? [] : [`${id}: due at ${said}, its effects at ${earliest}`]),
    ...(last === undefined || last.seq === audit.seq ? [] : [`${id}: its audit ends at ${last.seq}`]),
    ...(new Set(effects.map(({ key }) => key)).size === effects.length ? [] : [`${id}: an effect twice`]),
  ];
}
