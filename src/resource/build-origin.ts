import { createHash } from 'node:crypto';
import type { Origin } from '../approvals/contract.ts';
import { canonicalJson } from '../kit/canonical-json.ts';
import { tryParseJson } from '../kit/json.ts';
import type { Build } from './build.ts';

const LONGEST_URL = 2000;
const LONGEST_VARS = 2000;

/** The build that asks, as it tells the listener. Who has started it is known only with `expose_build_created_by`. */
export function originOf({ vars, url }: Build): Origin {
  const of = (name: string) => vars.get(name) || undefined;
  const instance = of('BUILD_PIPELINE_INSTANCE_VARS');
  const origin = {
    team: of('BUILD_TEAM_NAME'),
    pipeline: of('BUILD_PIPELINE_NAME'),
    instance_vars: instance && instanceOf(instance),
    job: of('BUILD_JOB_NAME'),
    build_id: of('BUILD_ID'),
    build_name: of('BUILD_NAME'),
    url: url !== undefined && url.length <= LONGEST_URL ? url : undefined,
    created_by: of('BUILD_CREATED_BY'),
  };
  return Object.fromEntries(Object.entries(origin).filter(([, value]) => value !== undefined));
}

// Keys sorted: the same instance is the same text. What is too long to send is still told apart.
function instanceOf(json: string): string {
  const value = tryParseJson(json);
  const text = value === undefined ? json : canonicalJson(value);
  return text.length <= LONGEST_VARS ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
