/** So many may stand in a list of people of a request: each may cost a call to Slack, which answers only so many a minute. */
export const MOST_PEOPLE = 30;

/** Each person once, as they are written first: the same name, address or id in another case is no further person. */
export function distinctPeople(names: readonly string[]): readonly string[] {
  const all = new Map<string, string>();
  for (const name of names.map((each) => each.trim())) {
    const key = name.toLowerCase();
    // Ids of Slack are in capitals: whatever else is written so too, an id must not be lost.
    if (!all.has(key) || name === name.toUpperCase()) all.set(key, name);
  }
  return [...all.values()];
}
