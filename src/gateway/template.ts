import { didYouMean } from '../kit/did-you-mean.ts';
import { Fault } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';

/** Values by name. A name with dots leads into a value: `body.items.0.id`. */
export type Scope = Readonly<Record<string, unknown>>;

const PLACEHOLDER = /\\\{\{|\{\{([^{}]*)\}\}/g;
const ALONE = /^\{\{([^{}]*)\}\}$/;

/**
 * Puts values into every string of a JSON value, which is never text while that happens: no value can change its structure
 * (C30). A string that is nothing but `{{name}}` becomes the value with its type; keys stay as written. Faults: TEMPLATE_INVALID.
 */
export function fillJson(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    const name = ALONE.exec(value)?.[1];
    return name === undefined ? fillText(value, scope) : valueOf(name, scope);
  }
  if (Array.isArray(value)) return value.map((item) => fillJson(item, scope));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, fillJson(child, scope)]));
}

/** Puts values into `{{name}}`, each passed through `encode`; `\{{` stands for `{{`. Faults: TEMPLATE_INVALID. */
export function fillText(
  template: string,
  scope: Scope,
  encode: (value: string, name: string) => string = (value) => value,
): string {
  return template.replace(PLACEHOLDER, (_whole, name: string | undefined) => {
    if (name === undefined) return '{{';
    const value = valueOf(name, scope);
    if (typeof value === 'string') return encode(value, name.trim());
    if (typeof value === 'number' || typeof value === 'boolean') return encode(String(value), name.trim());
    throw new Fault(
      'TEMPLATE_INVALID',
      `{{${name.trim()}}} is neither text nor a number, and stands inside text`,
      {
        hint: 'name what lies in it, such as {{body.id}}, or let it stand alone in its quotes',
      },
    );
  });
}

/** The value a dotted name leads to, through own properties only; undefined where it leads nowhere. */
export function lookUp(path: string, root: unknown): unknown {
  let here = root;
  for (const step of path.split('.')) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.getOwnPropertyDescriptor(here, step)?.value;
  }
  return here;
}

function valueOf(given: string, scope: Scope): unknown {
  const name = given.trim();
  // A name may hold dots itself.
  const value = Object.hasOwn(scope, name) ? scope[name] : lookUp(name, scope);
  if (value !== undefined) return value;
  const near = didYouMean(name, Object.keys(scope));
  throw new Fault('TEMPLATE_INVALID', `{{${name}}} is not defined`, {
    hint: near ? `did you mean {{${near}}}?` : hintOf(name, scope),
  });
}

function hintOf(name: string, scope: Scope): string {
  const [root = ''] = name.split('.');
  const known = Object.keys(scope).filter((key) => !/^(?:BUILD|ATC)_/.test(key));
  if (root !== name && Object.hasOwn(scope, root)) return `${root} holds no such thing`;
  return `known here: ${known.join(', ') || 'only the names of the build'}; write \\{{ for two braces`;
}
