import { isRecord } from './is-record.ts';
import { parseReference } from './var-reference.ts';
import type { VarReference } from './var-reference.ts';

/** Looks a variable up; undefined means there is none of that name. */
export type VarLookup = (reference: VarReference) => { readonly value: unknown } | undefined;

const VARIABLE = /\(\(((?:[-/.\w\p{L}]+:)?[-/.:@"\w\p{L}]+)\)\)/gu;

/**
 * Replaces `((vars))` in every string and key of a document (atc creds, vars/template.go). A field that is one
 * variable takes its value with its type; inside a longer string only strings and numbers fit. Missing names are
 * reported together, or left in place with `keepMissing` (what fly does with names it was not given).
 */
export function interpolate(document: unknown, lookup: VarLookup, keepMissing = false): unknown {
  const missing = new Set<string>();
  const result = walk(document, (reference) => {
    const found = lookup(reference);
    if (!found) missing.add(reference.text);
    return found;
  });
  if (missing.size > 0 && !keepMissing) {
    throw new Error(`undefined vars: ${[...missing].toSorted().join(', ')}`);
  }
  return result;
}

/** Follows `.field` into the value of a variable; a missing field or a non-map on the way is an error. */
export function traverse(value: unknown, reference: VarReference): unknown {
  let current = value;
  for (const field of reference.fields) {
    if (!isRecord(current)) {
      throw new Error(`cannot access field '${field}' of non-map value from var: ${reference.text}`);
    }
    if (!Object.hasOwn(current, field)) throw new Error(`missing field '${field}' in var: ${reference.text}`);
    current = current[field];
  }
  return current;
}

function walk(node: unknown, lookup: VarLookup): unknown {
  if (typeof node === 'string') return replaceIn(node, lookup);
  if (Array.isArray(node)) return node.map((each: unknown) => walk(each, lookup));
  if (!isRecord(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [String(replaceIn(key, lookup)), walk(value, lookup)]),
  );
}

function replaceIn(text: string, lookup: VarLookup): unknown {
  let result = text;
  for (const [whole, name = ''] of text.matchAll(VARIABLE)) {
    const found = lookup(parseReference(name));
    if (!found) continue;
    if (whole === text) return found.value;
    if (typeof found.value !== 'string' && typeof found.value !== 'number') {
      throw new Error(`cannot interpolate non-primitive value (${typeof found.value}) from var: ${name}`);
    }
    result = result.replaceAll(whole, () => String(found.value));
  }
  return result;
}
