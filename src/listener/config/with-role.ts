import { Fault } from '../../kit/fault.ts';
import type { Config, Role } from './config.ts';

/** The configuration with the role of the command line, where there is one. Faults: CONFIG_INVALID when its store has no such role. */
export function withRole(config: Config, given: Role | undefined): Config {
  const role = given ?? config.role;
  if (role === 'all' || config.store.kind === 'dynamodb') return { ...config, role };
  throw new Fault('CONFIG_INVALID', `role: ${role} needs store.dynamodb, this store is SQLite`, {
    hint: 'leave the role out: a SQLite store belongs to one process, which does everything',
  });
}
