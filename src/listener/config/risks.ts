import { compileGlobs } from '../../kit/glob.ts';
import type { GatePolicy } from '../../approvals/policy.ts';
import { isRecord } from '../../kit/json.ts';
import type { Problem } from '../../kit/schema-problems.ts';
import type { Config } from './config.ts';
import { list, pathOf, placeOf, record, textsAt, textsOf } from './places.ts';
import type { Resolved } from './resolve.ts';
import { isSecretPlace } from './secret-rules.ts';

/** What is allowed but should be meant: one line each, by path. */
export function risksOf(config: Config, resolved: Resolved): Problem[] {
  return [
    ...serverRisks(config),
    ...storeRisks(config),
    ...manifestRisks(config),
    ...slackRisks(config, resolved),
    ...[...config.gates].flatMap(([name, gate]) => gateRisks(name, gate, config)),
    ...tokenRisks(config, resolved),
    ...callRisks(config),
    ...secretRisks(resolved),
  ];
}

function serverRisks({ server, tokens }: Config): Problem[] {
  const { publicUrl, trustedProxies, privatePort } = server;
  const risks: Problem[] = [];
  if (publicUrl === undefined)
    risks.push({ path: 'server.public_url', message: 'is not set: cards and hints cannot name an address' });
  else if (publicUrl.startsWith('http:') && !isLoopback(publicUrl))
    risks.push({
      path: 'server.public_url',
      message: 'is plain http: clicks and tokens can be read on their way',
    });
  if (tokens.length > 0 && trustedProxies.length === 0)
    risks.push({
      path: 'server.trusted_proxies',
      message: 'is empty: where TLS ends at a proxy, /v1 refuses tokens until that proxy is named',
    });
  if (tokens.length > 0 && privatePort === undefined)
    risks.push({
      path: 'server.private_port',
      message: 'is not set: /v1 and /metrics are on the public port',
    });
  return risks;
}

function storeRisks({ store, role, auditKey, gates }: Config): Problem[] {
  const risks: Problem[] = [];
  if (store.kind === 'sqlite' && role !== 'all')
    risks.push({
      path: 'role',
      message: `${role} alone cannot share a SQLite file with another: use store.dynamodb`,
    });
  if (store.kind === 'sqlite')
    risks.push({ path: 'store.sqlite', message: 'has one owner: for several replicas use store.dynamodb' });
  if (auditKey === undefined && gates.size > 0)
    risks.push({
      path: 'audit.key',
      message:
        'is not set: whoever can write to the store can change history so that verify-audit sees nothing',
    });
  return risks;
}

function manifestRisks({ manifest, gates, store }: Config): Problem[] {
  if (gates.size === 0) return [];
  if (manifest === undefined)
    return [
      {
        path: 'audit.manifest',
        message: 'is not set: whoever deletes a record together with its history leaves no trace',
      },
    ];
  if (manifest.to.kind === 's3') return [];
  const message =
    store.kind === 'sqlite'
      ? 'is on a disk: a bucket with Object Lock cannot be cut off'
      : 'is written by one replica after the other: use a bucket';
  return [{ path: 'audit.manifest.file', message }];
}

function slackRisks({ slack, gates, actions }: Config, { document }: Resolved): Problem[] {
  if (slack === undefined) return [];
  const risks: Problem[] = [];
  if (slack.teamId === undefined)
    risks.push({
      path: 'slack.team_id',
      message: 'is not set: the workspace of the token is taken as the right one',
    });
  if (slack.pipelineApp === undefined && gates.size > 0 && (actions.size > 0 || slack.mode !== 'socket'))
    risks.push({
      path: 'slack.pipeline_app',
      message:
        'is not set: if pipelines post with this same app, whoever reads their token can post and change messages that look like cards; give pipelines an app of their own',
    });
  if (record(record(document)['slack'])['custom_api'] === true)
    risks.push({ path: 'slack.custom_api', message: 'sends the bot token to a host that is not Slack’s' });
  return risks;
}

function gateRisks(name: string, gate: GatePolicy, { people, role }: Config): Problem[] {
  const risks: Problem[] = [];
  const warn = (key: string, risky: boolean, message: string) => {
    if (risky) risks.push({ path: `${placeOf('gates', name)}.${key}`, message });
  };
  const fromPipeline = gate.approvers === 'from_pipeline';
  warn('approvers', fromPipeline, 'from_pipeline: whoever can change the pipeline can name themselves');
  warn(
    'quorum',
    fromPipeline && gate.quorum === 1,
    'is 1 with from_pipeline: one friend of the author is enough',
  );
  warn('allow_self', gate.allowSelf, 'is true: one person alone can ask and approve');
  const opens = gate.onTimeout === 'approve';
  warn('on_timeout', opens, 'is approve: silence opens the gate');
  warn(
    'on_timeout',
    opens && role !== 'all',
    `is approve with the role ${role}: a worker does not see whether people can reach the others`,
  );
  warn(
    'require_reason',
    opens && gate.requireReason !== 'never',
    `is ${gate.requireReason} where silence opens the gate: whoever denies must first write why; never is safer`,
  );
  warn(
    'unknown_requester',
    !gate.allowSelf && gate.unknownRequester === 'allow',
    'is allow: an unknown requester may approve their own request',
  );
  warn('use', gate.use === 'many', 'is many: every build may use one approval until it expires');
  warn('from', gate.from.length === 0, 'is not set: every pipeline whose token may use this gate can ask');
  warn(
    'allow_self',
    !gate.allowSelf && people.size === 0 && gate.unknownRequester === 'raise',
    'is false while people is empty: nobody is known, so every request needs one vote more',
  );
  return risks;
}

function tokenRisks({ tokens, gates, actions }: Config, { document }: Resolved): Problem[] {
  const risks: Problem[] = [];
  const written = list(record(document)['tokens']);
  for (const [at, token] of written.entries()) {
    const wanted = textsOf(isRecord(token) ? token['gates'] : undefined);
    if (textsOf(isRecord(token) ? token['may'] : undefined).includes('read_all'))
      risks.push({
        path: `tokens[${at}].may`,
        message:
          'has read_all: its holder is told what every pipeline has asked at its gates, with the context',
      });
    if (wanted.includes('*'))
      risks.push({
        path: `tokens[${at}].gates`,
        message: 'is *: its holder can ask at every gate, also later ones',
      });
    for (const gate of wanted)
      if (gate !== '*' && !reaches(gate, [...gates.keys()]))
        risks.push({ path: `tokens[${at}].gates`, message: `${gate} is no gate of this file` });
  }
  for (const name of gates.keys())
    if (!name.includes('*') && !tokens.some(({ may, gates: glob }) => may.has('open') && glob(name)))
      risks.push({ path: placeOf('gates', name), message: 'can be asked at by no token' });
  for (const name of actions.keys())
    if (!tokens.some((token) => token.actions.has(name)))
      risks.push({ path: placeOf('actions', name), message: 'can be offered by no token' });
  return risks;
}

function callRisks({ aws, gateway, actions }: Config): Problem[] {
  const risks: Problem[] = [];
  if (gateway?.auth === 'none')
    risks.push({
      path: 'gateway.auth',
      message:
        'is none: nothing proves to the service that a call is the listener’s; let nobody else reach it',
    });
  if (gateway?.auth === 'iam' && aws?.expectIdentity === undefined)
    risks.push({
      path: 'aws.expect_identity',
      message: 'is not set: calls are signed as whoever the credentials turn out to be',
    });
  for (const { name, once, rate } of actions.values())
    if (!once && rate === undefined)
      risks.push({
        path: `${placeOf('actions', name)}.once`,
        message: 'is false and there is no rate: one button can be pressed without end',
      });
  return risks;
}

function reaches(pattern: string, gates: readonly string[]): boolean {
  return compileGlobs(gates)(pattern) || gates.some(compileGlobs([pattern]));
}

function secretRisks({ document, referred }: Resolved): Problem[] {
  return textsAt(document)
    .filter(({ pointer }) => isSecretPlace(pointer, false) && !referred.has(pointer))
    .map(({ pointer }) => ({
      path: pathOf(pointer),
      message: 'stands in the file as plain text: use a reference such as ${NAME} or ${file:/path}',
    }));
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
