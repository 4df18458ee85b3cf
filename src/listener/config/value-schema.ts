import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import { messageOf } from '../../kit/fault.ts';
import { isRecord } from '../../kit/json.ts';
import { problemsIn } from '../../kit/schema-problems.ts';
import type { Validator } from '../../kit/schema-problems.ts';
import { wordsOf } from './forms.ts';

/** Tells what is wrong with a button's value; nothing when it is right. */
export type ProblemsOf = (value: unknown) => readonly string[];

const MOST_TOLD = 10;

/**
 * Compiles the JSON Schema that an operator wrote for the value of an action. Without one there must be no value. Its own
 * mistakes, a misspelled keyword among them, are told instead.
 */
export function compileValueSchema(schema: unknown): { problemsOf: ProblemsOf } | { mistake: string } {
  if (schema === undefined)
    return {
      problemsOf: (value) => (value === undefined || value === null ? [] : ['value: must be absent']),
    };
  if (!isRecord(schema)) return { mistake: 'must be a map, a JSON Schema' };
  try {
    const ajv = new Ajv({
      allErrors: true,
      strict: true,
      strictTypes: false,
      validateFormats: false,
      logger: false,
    });
    const validate: Validator = ajv.compile(schema);
    return {
      problemsOf: (value) =>
        validate(value)
          ? []
          : problemsIn('value', validate, value, { advise: () => '', pattern: (_, form) => wordsOf(form) })
              .slice(0, MOST_TOLD)
              .map(({ path, message }) => `${path}: ${message}`),
    };
  } catch (error) {
    return { mistake: `is no JSON Schema: ${messageOf(error)}` };
  }
}
