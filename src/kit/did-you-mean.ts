/**
 * The candidate that a mistyped word most likely means: at most 2 edits away (insert, delete, replace, swap
 * neighbours) and fewer than half the word's length, ignoring case, `-` and `_`. The first of equally near ones.
 */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(word);
  let best: string | undefined;
  let limit = Math.min(3, wanted.length / 2);
  for (const candidate of candidates) {
    const distance = edits(wanted, plain(candidate), 2);
    if (distance < limit) {
      best = candidate;
      limit = distance;
    }
  }
  return best;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '');
}

/** Damerau-Levenshtein distance up to `most`, and Infinity beyond: few steps, however long the words are. */
function edits(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return Infinity;
  let start = 0;
  while (start < from.length && from[start] === to[start]) start += 1;
  const [a, b] = [from.slice(start), to.slice(start)];
  if (a === b) return 0;
  const swapped = a[0] === b[1] && a[1] === b[0];
  return Math.min(
    1 + edits(a.slice(1), b.slice(1), most - 1),
    1 + edits(a.slice(1), b, most - 1),
    1 + edits(a, b.slice(1), most - 1),
    swapped ? 1 + edits(a.slice(2), b.slice(2), most - 1) : Infinity,
  );
}
