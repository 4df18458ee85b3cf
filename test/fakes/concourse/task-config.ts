import { Fields } from './fields.ts';
import { encodeJson } from './go-json.ts';
import { isRecord } from './is-record.ts';

export interface TaskArtifact {
  readonly name: string;
  readonly path: string;
  readonly optional: boolean;
}

export interface TaskConfig {
  readonly run: {
    readonly path: string;
    readonly args: readonly string[];
    readonly dir: string;
  };
  readonly params: Readonly<Record<string, string>>;
  readonly inputs: readonly TaskArtifact[];
  readonly outputs: readonly TaskArtifact[];
}

/** Reads a task config, embedded or from a file; unknown keys are errors, the image is ignored. */
export function parseTaskConfig(value: unknown): TaskConfig {
  const problems: string[] = [];
  const fields = new Fields(value, 'task config', problems);
  fields.ignore('image_resource', 'rootfs_uri', 'container_limits', 'caches');
  if (!fields.string('platform')) fields.problem("missing 'platform'");
  const run = new Fields(fields.raw('run') ?? {}, 'task config.run', problems);
  run.ignore('user');
  const config: TaskConfig = {
    run: { path: run.string('path') ?? '', args: run.strings('args'), dir: run.string('dir') ?? '' },
    params: coerceParams(fields.record('params') ?? {}),
    inputs: parseArtifacts(fields, 'inputs'),
    outputs: parseArtifacts(fields, 'outputs'),
  };
  if (!config.run.path) run.problem('missing path to executable to run');
  run.refuseUnknown();
  fields.refuseUnknown();
  if (problems.length > 0) throw new Error(`invalid task configuration:\n${problems.join('\n')}`);
  return config;
}

/** Params of the step override those of the config (OverrideParamsConfigSource). */
export function overrideParams(config: unknown, params: Readonly<Record<string, unknown>>): unknown {
  if (!isRecord(config)) return config;
  const own = isRecord(config['params']) ? config['params'] : {};
  return { ...config, params: { ...own, ...params } };
}

/** Environment values are strings: null is empty, anything else but a string is its JSON (CoercedString). */
function coerceParams(params: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      return [name, value === null ? '' : encodeJson(value)];
    }),
  );
}

function parseArtifacts(fields: Fields, key: 'inputs' | 'outputs'): TaskArtifact[] {
  return fields.list(key).map((value, index) => {
    const each = new Fields(value, `${fields.at}.${key}[${index}]`, fields.problems);
    const name = each.string('name');
    if (!name) each.problem('is missing a name');
    const artifact = {
      name: name ?? '',
      path: each.string('path') ?? name ?? '',
      optional: key === 'inputs' && each.boolean('optional'),
    };
    each.refuseUnknown();
    return artifact;
  });
}
