import { parse } from 'yaml';
import { Fields } from './fields.ts';
import { parseGoDuration } from './go-duration.ts';
import { interpolate } from './interpolate.ts';
import { isRecord } from './is-record.ts';
import { parseSteps, wrapInHooks } from './parse-step.ts';
import type { Job, Pipeline, Resource, ResourceType, VarSourceConfig } from './pipeline.ts';
import { validatePipeline } from './validate-pipeline.ts';

/**
 * Reads a pipeline file as `fly set-pipeline` does: `flyVars` are filled in first and other `((vars))` kept, unknown
 * keys and dangling names are errors, all reported together. Extra top-level keys (homes of YAML anchors) are allowed.
 */
export function parsePipeline(
  pipeline: string | Readonly<Record<string, unknown>>,
  flyVars: Readonly<Record<string, unknown>> = {},
): Pipeline {
  const document: unknown = typeof pipeline === 'string' ? parseYaml(pipeline) : pipeline;
  const lookup = ({ path }: { path: string }): { value: unknown } | undefined =>
    Object.hasOwn(flyVars, path) ? { value: flyVars[path] } : undefined;
  const problems: string[] = [];
  const top = new Fields(interpolate(document, lookup, true), 'pipeline', problems);
  const parsed: Pipeline = {
    resources: each(top, 'resources', parseResource),
    resourceTypes: each(top, 'resource_types', parseResourceType),
    jobs: each(top, 'jobs', parseJob),
    varSources: each(top, 'var_sources', parseVarSource),
  };
  problems.push(...validatePipeline(parsed));
  if (problems.length > 0) throw new Error(`invalid pipeline:\n${problems.join('\n')}`);
  return parsed;
}

/** YAML as Concourse's Go library reads it: merge keys work, and `yes`, `no`, `on`, `off` are booleans. */
export function parseYaml(text: string): unknown {
  const value: unknown = parse(text, {
    merge: true,
    customTags: (tags) => [
      {
        tag: 'tag:yaml.org,2002:bool',
        default: true,
        test: /^(?:yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/,
        resolve: (word: string) => /^(?:yes|on)$/i.test(word),
      },
      ...tags,
    ],
  });
  return value;
}

function each<T>(top: Fields, section: string, parseOne: (fields: Fields) => T): T[] {
  return top.list(section).map((value, index) => {
    const name = isRecord(value) ? value['name'] : undefined;
    const at = typeof name === 'string' ? `${section}.${name}` : `${section}[${index}]`;
    const fields = new Fields(value, at, top.problems);
    const parsed = parseOne(fields);
    fields.refuseUnknown();
    return parsed;
  });
}

function required(fields: Fields, key: string): string {
  const value = fields.string(key);
  if (!value) fields.problem(`has no ${key}`);
  return value ?? '';
}

function parseResource(fields: Fields): Resource {
  fields.ignore('old_name', 'public', 'tags', 'icon');
  const timeout = fields.string('check_timeout');
  return {
    name: required(fields, 'name'),
    type: required(fields, 'type'),
    source: fields.record('source'),
    version: fields.stringMap('version'),
    checkEvery: fields.string('check_every'),
    checkTimeoutMs: timeout === undefined ? undefined : parseGoDuration(timeout),
    webhookToken: fields.string('webhook_token'),
    exposeBuildCreatedBy: fields.boolean('expose_build_created_by'),
  };
}

function parseResourceType(fields: Fields): ResourceType {
  fields.ignore('privileged', 'check_every', 'tags', 'params');
  return {
    name: required(fields, 'name'),
    type: required(fields, 'type'),
    source: fields.record('source') ?? {},
    defaults: fields.record('defaults'),
  };
}

function parseVarSource(fields: Fields): VarSourceConfig {
  return {
    name: required(fields, 'name'),
    type: required(fields, 'type'),
    config: fields.record('config') ?? {},
  };
}

/** Hooks of a job wrap its whole plan; `serial` and `serial_groups` mean one at a time (atc/job_config.go). */
function parseJob(fields: Fields): Job {
  fields.ignore('old_name', 'public', 'interruptible', 'build_logs_to_retain', 'build_log_retention', 'tags');
  const name = required(fields, 'name');
  const serial = fields.boolean('serial');
  const groups = fields.strings('serial_groups');
  const limit = fields.integer('max_in_flight') ?? 0;
  const steps = parseSteps(fields.raw('plan'), `${fields.at}.plan.do`, fields.problems);
  return {
    name,
    plan: wrapInHooks(fields, { kind: 'do', steps }),
    serialGroups: groups.length > 0 ? groups : serial || limit > 0 ? [name] : [],
    maxInFlight: serial || groups.length > 0 ? 1 : limit,
    disableManualTrigger: fields.boolean('disable_manual_trigger'),
    disableReruns: fields.boolean('disable_reruns'),
  };
}
