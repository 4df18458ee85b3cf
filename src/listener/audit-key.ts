import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Fault, messageOf, systemCode } from '../kit/fault.ts';
import type { Config } from './config/config.ts';

/**
 * The key of the audit chain: `audit.key`, else a file beside the SQLite store, made at the first start. Whoever can write the
 * store and read that file can rewrite history; `check-config` says so. Faults: CONFIG_INVALID.
 */
export function auditKeyOf(config: KeyConfig): Buffer {
  return ownKey(config) ?? keyBeside(config, makeFile);
}

/** The key that the listener already uses: a verb makes none, because with a new one all of history would look changed. */
export function usedAuditKeyOf(config: KeyConfig): Buffer {
  return ownKey(config) ?? keyBeside(config, () => undefined);
}

type KeyConfig = Pick<Config, 'auditKey' | 'store'>;

const SHORTEST = 32;

function ownKey({ auditKey }: KeyConfig): Buffer | undefined {
  return auditKey && digest(auditKey.reveal());
}

function keyBeside({ store }: KeyConfig, make: (path: string) => void): Buffer {
  if (store.kind !== 'sqlite')
    throw new Fault('CONFIG_INVALID', 'audit.key: required with store.dynamodb', {
      hint: 'all replicas need the same key: put 32 or more random characters into a secret, and refer to it',
    });
  const path = `${store.path}.audit-key`;
  const hint =
    'put the file back that the listener made beside its store, or set audit.key to what was in it';
  make(path);
  const text = read(path, hint);
  if (text.length < SHORTEST)
    throw new Fault('CONFIG_INVALID', `the audit key in ${path} is damaged`, { hint });
  return digest(text);
}

function read(path: string, hint: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const message = `the audit key cannot be read from ${path}: ${systemCode(cause) ?? messageOf(cause)}`;
    throw new Fault('CONFIG_INVALID', message, { hint, cause });
  }
}

function makeFile(path: string): void {
  try {
    writeFileSync(path, randomBytes(SHORTEST).toString('base64url'), {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(`audit\0${text}`).digest();
}
