/** Faults ordered for the next requests of a target. */
export interface FaultQueue<Kind> {
  /** Makes the next `times` requests of `target` fail so; orders queue up. */
  add(target: string, kind: Kind, times?: number): void;
  /** The fault of this request, if one is due. `*` serves every target. */
  take(target: string): Kind | undefined;
}

export function faultQueue<Kind>(): FaultQueue<Kind> {
  const queue: { target: string; kind: Kind; left: number }[] = [];
  return {
    add: (target, kind, times = 1) => void queue.push({ target, kind, left: times }),
    take(target) {
      const due = queue.find((order) => order.left > 0 && (order.target === target || order.target === '*'));
      if (due === undefined) return undefined;
      due.left -= 1;
      return due.kind;
    },
  };
}
