import { Fault } from '../kit/fault.ts';
import { isRecord, kindOf } from '../kit/json.ts';
import { parseGet } from './params.ts';
import type { Step, StepContext } from './run-step.ts';
import type { Source } from './source.ts';
import { writeFiles } from './write-files.ts';

export type Version = Readonly<Record<string, string>>;

/** The get step: writes what the version says to files. No network unless a permalink is asked for: it must be cheap (C11). */
export const get: Step = async (request, context) => {
  const { source, params } = await parseGet(request.source, request.params);
  const version = readVersion(request.version);
  if (version['approval'] !== undefined || source.gate !== undefined)
    return (await import('./get-decision.ts')).getDecision(version, source, context);
  const files: Record<string, string | Buffer> = { 'version.json': `${JSON.stringify(version, null, 2)}\n` };
  for (const key of ['ts', 'channel', 'thread', 'status'])
    if (version[key] !== undefined) files[key] = version[key];
  const metadata = ['channel', 'ts', 'status'].flatMap((name) =>
    version[name] === undefined ? [] : [{ name, value: version[name] }],
  );
  if (params.permalink === true && version['ts'] !== undefined) {
    const permalink = await permalinkOf(version, source, context);
    files['permalink'] = permalink;
    metadata.push({ name: 'permalink', value: permalink });
  }
  if (version['call'] !== undefined || params.call !== undefined) {
    const { callFiles } = await import('./get-call.ts');
    const told = await callFiles(version, { source, params }, context);
    Object.assign(files, told.files);
    metadata.splice(
      0,
      metadata.length,
      ...metadata.filter(({ name }) => name !== 'status'),
      ...told.metadata,
    );
  }
  writeFiles(context.dir, files);
  return { version, metadata };
};

function readVersion(given: unknown): Version {
  const hint = 'Concourse passes the version of an earlier put: {"channel": "C…", "ts": "1700000000.000100"}';
  if (!isRecord(given))
    throw new Fault('REQUEST_INVALID', `version is ${given === undefined ? 'missing' : kindOf(given)}`, {
      hint,
    });
  const version: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string')
      throw new Fault('REQUEST_INVALID', `version.${key} is ${kindOf(value)}, must be text`, { hint });
    version[key] = value;
  }
  const known =
    (version['channel'] && version['ts']) || version['status'] || version['approval'] || version['call'];
  if (!known) throw new Fault('REQUEST_INVALID', 'version is not one of this resource type', { hint });
  return version;
}

async function permalinkOf(version: Version, source: Source, context: StepContext): Promise<string> {
  if (!source.slack) {
    throw new Fault('SOURCE_INVALID', 'source.slack: required for get_params.permalink', {
      hint: 'add slack: { token: … }',
    });
  }
  const [{ createHttp }, { createSlack }, { stringAt }, { systemClock }] = await Promise.all([
    import('../kit/http.ts'),
    import('../slack/client.ts'),
    import('../slack/answer.ts'),
    import('../kit/clock.ts'),
  ]);
  const ports = {
    http: createHttp(context.env),
    clock: systemClock,
    log: context.log,
    signal: context.signal,
  };
  const args = { channel: version['channel'], message_ts: version['ts'] };
  const answer = await createSlack(source.slack, ports).call('chat.getPermalink', args, 'read');
  return stringAt(answer, 'permalink') ?? '';
}
