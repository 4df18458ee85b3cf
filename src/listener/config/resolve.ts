import { dirname, resolve as resolvePath } from 'node:path';
import type { SecretStores } from '../../aws/secret-stores.ts';
import type { Clock } from '../../kit/clock.ts';
import { messageOf, systemCode } from '../../kit/fault.ts';
import { isRecord } from '../../kit/json.ts';
import { fileOrigin } from './file-origin.ts';
import { fixedOrigin } from './origin.ts';
import type { Origin, OriginEvents } from './origin.ts';
import { below } from './places.ts';
import { readReference } from './reference.ts';
import type { Reference } from './reference.ts';
import { remoteOrigin } from './remote-origin.ts';

/** A place of the file that holds a reference. */
export interface Referred {
  /** JSON pointer. */
  readonly pointer: string;
  readonly reference: Reference;
  readonly origin: Origin;
}

export interface Resolved {
  /** The document with every reference replaced by its value of this moment. */
  readonly document: unknown;
  readonly referred: ReadonlyMap<string, Referred>;
  /** Places whose reference leads nowhere, with the reason. */
  readonly mistakes: ReadonlyMap<string, string>;
}

export interface ResolvePorts {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** The configuration file, which relative paths are beside. */
  readonly file: string;
  /** Told of the values behind references; `pointer` says of which. */
  readonly events: (pointer: string) => OriginEvents;
  /** Loaded only when there is a reference to AWS. */
  readonly secretStores: (document: unknown) => Promise<SecretStores>;
}

// Their content belongs to somebody else's format: a JSON Schema, and what a service is sent.
const OPAQUE = /^\/actions\/[^/]+\/(?:value|call\/body)$/;

/** Finds every reference of a document and reads what it leads to: first what this machine knows, then AWS. */
export async function resolveReferences(document: unknown, ports: ResolvePorts): Promise<Resolved> {
  const referred = new Map<string, Referred>();
  const mistakes = new Map<string, string>();
  const found: { readonly pointer: string; readonly reference: Reference }[] = [];
  const unescaped = mapTexts(document, '', (pointer, text) => {
    const read = readReference(text);
    if ('text' in read) return read.text;
    if ('mistake' in read) mistakes.set(pointer, read.mistake);
    else found.push({ pointer, reference: read.reference });
    return text;
  });
  const settle = async (
    remote: boolean,
    open: (pointer: string, reference: Reference) => Promise<Origin>,
  ) => {
    const wanted = found.filter(({ reference }) => isRemote(reference) === remote);
    const opened = await Promise.allSettled(wanted.map(({ pointer, reference }) => open(pointer, reference)));
    // In the order of the document, whichever answered first.
    for (const [at, { pointer, reference }] of wanted.entries()) {
      const result = opened[at];
      if (result?.status === 'fulfilled') referred.set(pointer, { pointer, reference, origin: result.value });
      else mistakes.set(pointer, reasonOf(reference, result?.reason));
    }
  };
  const filled = () => mapTexts(unescaped, '', (at, text) => referred.get(at)?.origin.read() ?? text);

  await settle(false, (pointer, reference) => openLocal(pointer, reference, ports));
  let stores: Promise<SecretStores> | undefined;
  await settle(true, async (pointer, { kind, name }) => {
    const store = await (stores ??= ports.secretStores(filled()));
    const fetch = () => (kind === 'ssm' ? store.ssm(name) : store.secretsManager(name));
    return remoteOrigin(fetch, ports.clock, ports.events(pointer));
  });
  return { document: filled(), referred, mistakes };
}

function isRemote({ kind }: Reference): boolean {
  return kind === 'secretsmanager' || kind === 'ssm';
}

async function openLocal(pointer: string, { kind, name }: Reference, ports: ResolvePorts): Promise<Origin> {
  if (kind === 'file')
    return fileOrigin(resolvePath(dirname(ports.file), name), ports.clock, ports.events(pointer));
  const value = ports.env[name];
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
  if (value === '') throw new Error(`the environment variable ${name} is empty`);
  return fixedOrigin(value);
}

function reasonOf({ kind, name }: Reference, error: unknown): string {
  switch (kind) {
    case 'env':
      return messageOf(error);
    case 'file':
      return `the file ${name} cannot be read: ${systemCode(error) ?? messageOf(error)}`;
    case 'secretsmanager':
      return `the secret ${name} of Secrets Manager cannot be read: ${messageOf(error)}`;
    case 'ssm':
      return `the parameter ${name} of Parameter Store cannot be read: ${messageOf(error)}`;
    default:
      return kind satisfies never;
  }
}

function mapTexts(value: unknown, pointer: string, turn: (pointer: string, text: string) => string): unknown {
  if (OPAQUE.test(pointer)) return value;
  if (typeof value === 'string') return turn(pointer, value);
  if (Array.isArray(value)) return value.map((item, at) => mapTexts(item, below(pointer, at), turn));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, mapTexts(child, below(pointer, key), turn)]),
  );
}
