import { createHash } from 'node:crypto';
import type { Origin } from './contract.ts';

/** Team, pipeline and instance: a decision counts only where it was asked for (C25). */
export function scopeOf({ team, pipeline, instance_vars: instance }: Origin): string {
  return JSON.stringify([team, pipeline, instance]);
}

/** The same, short enough for a query: what `?scope=` of `GET /v1/approvals/{id}` holds. */
export function scopeDigest(origin: Origin): string {
  return createHash('sha256').update(scopeOf(origin)).digest('hex');
}
