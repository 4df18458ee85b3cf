/** What Concourse tells a step about its build, and what follows from it. Only these names are ever read: a worker may leak its whole environment into the step (concourse.md 1.7). */
export interface Build {
  /** Values for `{{BUILD_…}}`; a name that does not apply to this build is empty. */
  readonly vars: ReadonlyMap<string, string>;
  /** `main/app/deploy #41`, or what is known of it. */
  readonly label: string;
  /** The build's page, or undefined outside Concourse. */
  readonly url: string | undefined;
  /** succeeded, failed, errored or aborted; only under on_success, on_failure, on_error and on_abort, never under ensure. */
  readonly status: BuildStatus | undefined;
}

export type BuildStatus = 'succeeded' | 'failed' | 'errored' | 'aborted';

const NAMES = [
  'BUILD_ID',
  'BUILD_NAME',
  'BUILD_JOB_NAME',
  'BUILD_PIPELINE_NAME',
  'BUILD_PIPELINE_INSTANCE_VARS',
  'BUILD_TEAM_NAME',
  'BUILD_CREATED_BY',
  'BUILD_STATUS',
  'ATC_EXTERNAL_URL',
] as const;

// The documentation and the code of Concourse name the statuses differently (C13).
const STATUSES: ReadonlyMap<string, BuildStatus> = new Map([
  ['succeeded', 'succeeded'],
  ['success', 'succeeded'],
  ['failed', 'failed'],
  ['failure', 'failed'],
  ['errored', 'errored'],
  ['error', 'errored'],
  ['aborted', 'aborted'],
  ['abort', 'aborted'],
]);

/** Reads the build's metadata from the environment of a put or get; check has none worth trusting (C8). */
export function readBuild(env: NodeJS.ProcessEnv): Build {
  const status = STATUSES.get(env['BUILD_STATUS'] ?? '');
  const url = buildUrl(env);
  const vars = new Map<string, string>(NAMES.map((name) => [name, env[name] ?? '']));
  vars.set('BUILD_STATUS', status ?? '');
  vars.set('BUILD_URL', url ?? '');
  return { vars, label: labelOf(env), url, status };
}

// BUILD_URL exists since 8.0; before, and for one-off builds, it is put together here.
function buildUrl(env: NodeJS.ProcessEnv): string | undefined {
  if (env['BUILD_URL']) return env['BUILD_URL'];
  const base = env['ATC_EXTERNAL_URL']?.replace(/\/$/, '');
  if (!base || !env['BUILD_ID']) return undefined;
  const part = (name: string) => encodeURIComponent(env[name] ?? '');
  if (!env['BUILD_JOB_NAME']) return `${base}/builds/${part('BUILD_ID')}`;
  const path = `teams/${part('BUILD_TEAM_NAME')}/pipelines/${part('BUILD_PIPELINE_NAME')}/jobs/${part('BUILD_JOB_NAME')}/builds/${part('BUILD_NAME')}`;
  return `${base}/${path}${instanceQuery(env['BUILD_PIPELINE_INSTANCE_VARS'])}`;
}

// Pages of instanced pipelines need `?vars.name=json`, else they are 404 (C14).
function instanceQuery(json: string | undefined): string {
  if (!json) return '';
  try {
    const vars: unknown = JSON.parse(json);
    if (typeof vars !== 'object' || vars === null) return '';
    const pairs = flatten(vars, 'vars').map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    );
    return pairs.length > 0 ? `?${pairs.join('&')}` : '';
  } catch {
    return '';
  }
}

function flatten(value: object, prefix: string): [string, string][] {
  return Object.entries(value).flatMap(([key, child]: [string, unknown]): [string, string][] =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? flatten(child, `${prefix}.${key}`)
      : [[`${prefix}.${key}`, JSON.stringify(child)]],
  );
}

function labelOf(env: NodeJS.ProcessEnv): string {
  const path = [env['BUILD_TEAM_NAME'], env['BUILD_PIPELINE_NAME'], env['BUILD_JOB_NAME']]
    .filter(Boolean)
    .join('/');
  const name = env['BUILD_NAME']
    ? `#${env['BUILD_NAME']}`
    : env['BUILD_ID']
      ? `build ${env['BUILD_ID']}`
      : 'a build';
  return path && env['BUILD_JOB_NAME'] ? `${path} ${name}` : name;
}
