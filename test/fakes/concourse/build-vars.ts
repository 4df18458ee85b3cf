import { interpolate, traverse } from './interpolate.ts';
import { isRecord } from './is-record.ts';
import type { VarReference } from './var-reference.ts';

/** A named var source: its values, or a function asked anew at each evaluation (a rotating credential). */
export type VarSource = Readonly<Record<string, unknown>> | ((path: string) => unknown);

/** The credential managers behind `((vars))`. Read at each evaluation, so a test may change a value in between. */
export interface Credentials {
  readonly vars: Readonly<Record<string, unknown>>;
  readonly varSources: Readonly<Record<string, VarSource>>;
}

/** The variables of one build: credentials, local vars (`((.:name))`), and the secrets it has seen so far. */
export class BuildVars {
  readonly #credentials: Credentials;
  readonly #local = new Map<string, unknown>();
  readonly #secrets = new Set<string>();

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** Evaluates a document; every credential it used is redacted from this build's log from now on. */
  evaluate(document: unknown): unknown {
    return interpolate(document, (reference) => this.#find(reference));
  }

  /** Sets a local var, as `load_var` does (redacted unless `reveal`) and as `get` does (never redacted). */
  setLocal(name: string, value: unknown, redacted: boolean): void {
    this.#local.set(name, value);
    if (redacted) this.#track(value);
  }

  secrets(): Iterable<string> {
    return this.#secrets;
  }

  #find(reference: VarReference): { value: unknown } | undefined {
    if (reference.source === '.') {
      if (!this.#local.has(reference.path)) return undefined;
      return { value: traverse(this.#local.get(reference.path), reference) };
    }
    const found = this.#fromSource(reference);
    if (found === undefined) return undefined;
    const value = traverse(found, reference);
    this.#track(value);
    return { value };
  }

  #fromSource({ source, path, text }: VarReference): unknown {
    const values = source === '' ? this.#credentials.vars : this.#credentials.varSources[source];
    if (!values) throw new Error(`missing source '${source}' in var: ${text}`);
    if (typeof values === 'function') return values(path);
    return Object.hasOwn(values, path) ? values[path] : undefined;
  }

  #track(value: unknown): void {
    if (typeof value === 'string') this.#secrets.add(value);
    else if (isRecord(value)) Object.values(value).forEach((each) => this.#track(each));
  }
}
