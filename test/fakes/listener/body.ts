type Rule = (value: unknown) => boolean;

const text =
  (most: number): Rule =>
  (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= most;
const whole =
  (least: number, most: number): Rule =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
const flag: Rule = (value) => typeof value === 'boolean';
const list =
  (item: Rule, most: number): Rule =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= most && value.every(item);
const record =
  (rules: Readonly<Record<string, Rule>>, required: readonly string[] = []): Rule =>
  (value) =>
    problemIn(value, rules, required) === undefined;
const context: Rule = (value) =>
  isRecord(value) &&
  Object.entries(value).every(
    ([name, each]) => name.length <= 100 && typeof each === 'string' && each.length <= 8192,
  );
const seconds = whole(1, 31_536_000);
const people = list(text(200), 100);
const name = text(200);

const origin = record({
  team: name,
  pipeline: name,
  instance_vars: text(2000),
  job: name,
  build_id: name,
  build_name: name,
  url: text(2000),
  created_by: name,
});
const link = record({ title: text(300), url: text(3000), note: text(300) }, ['title', 'url']);

const BODIES: Readonly<
  Record<string, { rules: Readonly<Record<string, Rule>>; required: readonly string[] }>
> = {
  open: {
    rules: {
      gate: name,
      key: text(500),
      title: text(1000),
      details: text(8000),
      context,
      subject: text(500),
      supersede: flag,
      approvers: people,
      quorum: whole(1, 100),
      timeout_seconds: seconds,
      require_reason: (value) => value === 'never' || value === 'deny' || value === 'always',
      not_by: people,
      remind_every_seconds: seconds,
      wait: flag,
      for_build: flag,
      abandon_after_seconds: seconds,
      channel: name,
      preferred_channel: name,
      mention: people,
      links: list(link, 20),
      origin,
    },
    required: ['gate', 'key', 'title', 'wait', 'origin'],
  },
  leave: { rules: { reason: name, origin }, required: ['origin'] },
  claim: {
    rules: { approval: text(100), gate: name, expect: context, origin },
    required: ['approval', 'gate', 'origin'],
  },
};

/** What is wrong with a body of /v1 by the contract: unknown, missing and malformed keys. */
export function problemOf(kind: 'open' | 'leave' | 'claim', body: unknown): string | undefined {
  const shape = BODIES[kind];
  return shape && problemIn(body, shape.rules, shape.required);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemIn(
  value: unknown,
  rules: Readonly<Record<string, Rule>>,
  required: readonly string[],
): string | undefined {
  if (!isRecord(value)) return 'not an object';
  const missing = required.find((key) => value[key] === undefined);
  if (missing !== undefined) return `${missing} is missing`;
  const wrong = Object.entries(value).find(([key, child]) => rules[key]?.(child) !== true);
  return wrong && `${wrong[0]} is unknown or malformed`;
}
