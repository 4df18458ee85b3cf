import fc from 'fast-check';

/**
 * Values that mostly fit a schema: now and then a key is missing, mistyped, null or of another kind. Every text that is
 * not one of a few right values begins with `marker`, so that a test finds it wherever it is quoted.
 */
export function ofSchema(schema: unknown, marker: string): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting(schema, marker) }, { weight: 1, arbitrary: junk(marker) });
}

function fitting(given: unknown, marker: string): fc.Arbitrary<unknown> {
  const schema = isRecord(given) ? given : {};
  const types: readonly unknown[] = [schema['type']].flat();
  if (Array.isArray(schema['enum'])) return fc.constantFrom<unknown>(...schema['enum']);
  if (types.includes('object')) return object(schema['properties'], marker);
  if (types.includes('array')) return fc.array(ofSchema(schema['items'], marker), { maxLength: 3 });
  if (types.includes('string')) return fc.oneof(fc.constantFrom(...RIGHT), text(marker));
  if (types.includes('boolean')) return fc.boolean();
  if (types.includes('integer')) return fc.integer({ min: -1, max: 700 });
  return junk(marker);
}

/** One of these fits wherever a form is asked for. */
const RIGHT = [
  'https://slack.com/api/',
  'http://127.0.0.1:1/',
  '24h',
  '10MB',
  '1700000000.000100',
  'rocket',
  '/deploy',
  '#releases',
  '{{name}}',
];

function object(properties: unknown, marker: string): fc.Arbitrary<unknown> {
  const known = Object.entries(isRecord(properties) ? properties : {});
  if (known.length === 0) return fc.dictionary(fc.string({ maxLength: 5 }), text(marker), { maxKeys: 3 });
  const fields = known.map(([key, child]) => [key, ofSchema(child, marker)] as const);
  const record = fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  const mistyped = fc.constantFrom(...known.map(([key]) => `${key}s`), '__proto__', 'constructor');
  const names = fc.oneof(fc.string({ maxLength: 12 }), mistyped);
  const further = fc.dictionary(names, junk(marker), { maxKeys: 2 });
  const both = fc.tuple(record, further).map(([one, other]) => ({ ...one, ...other }));
  return fc.oneof({ weight: 6, arbitrary: record }, { weight: 1, arbitrary: both });
}

function text(marker: string): fc.Arbitrary<string> {
  return fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 8 })).map((end) => marker + end);
}

function junk(marker: string): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.boolean(),
    text(marker),
    fc.array(text(marker), { maxLength: 2 }),
    fc.constant({}),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
