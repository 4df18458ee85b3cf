import { parse } from 'yaml';
import { isRecord } from '../../src/kit/json.ts';
import { codeBlocks, documents, readText } from './markdown.ts';

/** A put of a document, and the source of its resource where the same snippet defines one. */
export interface Snippet {
  /** `README.md:42` */
  readonly where: string;
  readonly put: Readonly<Record<string, unknown>>;
  readonly source: unknown;
  /** True below a hook that tells the put its build's status. */
  readonly hooked: boolean;
}

const HOOKS = ['on_success', 'on_failure', 'on_error', 'on_abort'];

/** Every put step in the YAML of the documents. */
export function snippets(): Snippet[] {
  return documents().flatMap((path) =>
    codeBlocks(readText(path))
      .filter(({ language }) => language === 'yaml')
      .flatMap(({ text, line }) => {
        const value: unknown = parse(text);
        return puts(value).map(({ put, hooked }) => ({
          where: `${path}:${line}`,
          put,
          source: sourceOf(value, put),
          hooked,
        }));
      }),
  );
}

function puts(value: unknown, hooked = false): { put: Readonly<Record<string, unknown>>; hooked: boolean }[] {
  if (Array.isArray(value)) return value.flatMap((item) => puts(item, hooked));
  if (!isRecord(value)) return [];
  if (typeof value['put'] === 'string') return [{ put: value, hooked }];
  return Object.entries(value).flatMap(([key, child]) => puts(child, hooked || HOOKS.includes(key)));
}

function sourceOf(pipeline: unknown, put: Readonly<Record<string, unknown>>): unknown {
  const resources: unknown = isRecord(pipeline) ? pipeline['resources'] : undefined;
  const list: readonly unknown[] = Array.isArray(resources) ? resources : [];
  const name = put['resource'] ?? put['put'];
  return list.filter(isRecord).find((resource) => resource['name'] === name)?.['source'];
}
