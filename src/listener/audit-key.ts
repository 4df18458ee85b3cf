import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Fault, systemCode } from '../kit/fault.ts';
import type { Config } from './config/config.ts';

/**
 * The key of the audit chain: `audit.key`, else a file beside the SQLite store, made at the first start. Whoever can write the
 * store and read that file can rewrite history; `check-config` says so. Faults: CONFIG_INVALID.
 */
export function auditKeyOf({ auditKey, store }: Pick<Config, 'auditKey' | 'store'>): Buffer {
  if (auditKey !== undefined) return digest(auditKey.reveal());
  if (store.kind !== 'sqlite')
    throw new Fault('CONFIG_INVALID', 'audit.key: required with store.dynamodb', {
      hint: 'all replicas need the same key: put 32 or more random characters into a secret, and refer to it',
    });
  const path = `${store.path}.audit-key`;
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  return digest(readFileSync(path, 'utf8').trim());
}

function digest(text: string): Buffer {
  return createHash('sha256').update(`audit\0${text}`).digest();
}
