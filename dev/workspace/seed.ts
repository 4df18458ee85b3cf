import type { SeedConfig } from 'emulate';

/** What the page calls the apps of the workspace: the one whose token pipelines hold, and the listener's own. */
export const APP_NAMES = { pipelines: 'Concourse', listener: 'Approvals' } as const;

/** The bot token of the pipelines' app. Nothing here is a secret, the workspace lives on loopback. */
export const TOKEN = 'xoxb-local-workspace';

/** Who is in the workspace, and may be acted as. */
export const PEOPLE = [
  { id: 'U0ANA000001', name: 'ana', realName: 'Ana Ruiz', note: 'release manager' },
  { id: 'U0BEN000001', name: 'ben', realName: 'Ben Okafor', note: 'release manager' },
  { id: 'U0CYD000001', name: 'cyd', realName: 'Cyd Lindgren', note: 'designer' },
  { id: 'U0DEE000001', name: 'dee', realName: 'Dee Park', note: 'developer' },
  { id: 'U0GUS000001', name: 'gus', realName: 'Gus Weber', note: 'guest', restricted: true },
] as const;

/** The user group that may release: ana and ben. */
export const GROUP = {
  id: 'S0RELEASERS',
  handle: 'release-managers',
  users: ['U0ANA000001', 'U0BEN000001'],
} as const;

/** Where artifacts live, and keys that emulate takes without looking at them. */
export const STORAGE = {
  bucket: 'ci-artifacts',
  region: 'eu-west-1',
  accessKeyId: 'AKIALOCALWORKSPACE00',
  secretAccessKey: 'local-workspace-secret',
} as const;

/** A channel of the workspace, with both bots in it. */
export interface SeededChannel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
}

const TOPICS: Readonly<Record<string, string>> = { releases: 'What the pipelines built' };

/** The channels of these names (without `#`), each with an id made of its name. */
export function seedChannels(names: readonly string[]): SeededChannel[] {
  return names.map((name, index) => {
    const letters = name.toUpperCase().replace(/[^A-Z0-9]/g, '');
    return {
      id: `C0${letters.slice(0, 8).padEnd(8, '0')}${index + 1}`,
      name,
      topic: TOPICS[name] ?? '',
    };
  });
}

/** What emulate's AWS starts with: the bucket, empty. */
export function awsSeed(): SeedConfig {
  return { aws: { region: STORAGE.region, s3: { buckets: [{ name: STORAGE.bucket }] } } };
}
