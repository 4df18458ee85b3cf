/** A service that deploys: each order has a number and goes through its states, one for each look. */
export interface Deployments {
  /** Everything that was really begun, in order. */
  readonly begun: readonly Deployment[];
  begin(order: unknown, key: string | undefined): Deployment;
  look(id: string): Deployment | undefined;
}

export interface Deployment {
  readonly id: string;
  readonly order: unknown;
  readonly state: string;
}

export function deployments(states: readonly string[]): Deployments {
  const begun: Deployment[] = [];
  const looks = new Map<string, number>();
  const byKey = new Map<string, Deployment>();
  return {
    begun,
    begin(order, key) {
      const known = key === undefined ? undefined : byKey.get(key);
      if (known) return known;
      const made = { id: `d-${begun.length + 1}`, order, state: states[0] ?? 'done' };
      begun.push(made);
      if (key !== undefined) byKey.set(key, made);
      return made;
    },
    look(id) {
      const found = begun.find((one) => one.id === id);
      if (!found) return undefined;
      const seen = looks.get(id) ?? 0;
      looks.set(id, seen + 1);
      return { ...found, state: states[Math.min(seen, states.length - 1)] ?? 'done' };
    },
  };
}
