import { isRecord } from '../src/kit/json.ts';

const REFERENCE = '^\\$\\{[^{}]+\\}$';

/** The schema of the configuration file as editors need it: a reference such as `${NAME}` may stand for any text, number or truth. */
export function withReferences(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withReferences);
  if (!isRecord(schema)) return schema;
  const { type, pattern } = schema;
  const open = Object.fromEntries(Object.entries(schema).map(([key, child]) => [key, withReferences(child)]));
  if (typeof pattern === 'string') return { ...open, pattern: `${pattern}|${REFERENCE}` };
  if (type === 'integer' || type === 'boolean')
    return { ...open, type: [type, 'string'], pattern: REFERENCE };
  if (type === 'string' && Array.isArray(schema['enum'])) {
    const { enum: choices, ...others } = open;
    return { ...others, anyOf: [{ enum: choices }, { pattern: REFERENCE }] };
  }
  return open;
}
