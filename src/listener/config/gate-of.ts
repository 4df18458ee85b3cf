import type { GatePolicy } from '../../approvals/policy.ts';
import { compileGlobs } from '../../kit/glob.ts';

/** The policy of a gate: its exact name, else the longest pattern that matches it, else none: that gate is unknown. */
export function gateOf(gates: ReadonlyMap<string, GatePolicy>, name: string): GatePolicy | undefined {
  const exact = gates.get(name);
  if (exact && !name.includes('*')) return exact;
  const [best] = [...gates.keys()]
    .filter((pattern) => pattern.includes('*') && compileGlobs([pattern])(name))
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return best === undefined ? undefined : gates.get(best);
}
