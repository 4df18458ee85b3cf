import { isIP } from 'node:net';
import { EXPECTED_IDENTITY } from '../../aws/expected-identity.ts';
import { connectionProblem } from '../../gateway/config.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import { parseDuration } from '../../kit/duration.ts';
import type { Problem } from '../../kit/schema-problems.ts';
import { compileGlobs } from '../../kit/glob.ts';
import { actionProblems, isTooLong, TIMEOUT_WORDS } from './check-actions.ts';
import { slackProblems } from './check-slack.ts';
import { tokenProblems } from './check-tokens.ts';
import { isNoAddress, list, placeOf, record } from './places.ts';
import type { Tree } from './places.ts';

/** What a schema cannot say: forms with a parser of their own, and keys that need each other. It takes any document. */
export function crossCheck(document: Tree): Problem[] {
  return [
    ...serverProblems(record(document['server'])),
    ...storeProblems(record(document['store'])),
    ...(document['slack'] === undefined ? [] : slackProblems(record(document['slack']))),
    ...tokenProblems(list(document['tokens']), record(document['actions'])),
    ...gateProblems(document),
    ...awsProblems(record(document['aws'])),
    ...gatewayProblems(document),
    ...actionProblems(document),
    ...webhookProblems(document),
    ...manifestProblems(document),
  ];
}

const LONGEST_DELAY_SECONDS = 15;

function serverProblems(server: Tree): Problem[] {
  const problems: Problem[] = [];
  const { port, private_port: privatePort, shutdown_delay: delay } = server;
  if (typeof port === 'number' && port !== 0 && port === privatePort)
    problems.push({ path: 'server.private_port', message: 'is the public port: give it one of its own' });
  if (typeof delay === 'string' && (parseDuration(delay) ?? 0) > LONGEST_DELAY_SECONDS)
    problems.push({ path: 'server.shutdown_delay', message: 'must be at most 15s' });
  if (isNoAddress(server['public_url']))
    problems.push({ path: 'server.public_url', message: 'is no address' });
  for (const [at, proxy] of list(server['trusted_proxies']).entries())
    if (typeof proxy === 'string' && !isNetwork(proxy))
      problems.push({
        path: `server.trusted_proxies[${at}]`,
        message: 'must be an address or a network, such as 10.0.0.0/8',
      });
  return problems;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function storeProblems(store: Tree): Problem[] {
  return store['sqlite'] !== undefined && store['dynamodb'] !== undefined
    ? [{ path: 'store', message: 'has both sqlite and dynamodb: keep one' }]
    : [];
}

function gateProblems(document: Tree): Problem[] {
  const gates = Object.entries(record(document['gates']));
  const problems: Problem[] = [];
  if (gates.length > 0 && document['slack'] === undefined)
    problems.push({ path: 'gates', message: 'needs slack: cards are posted there' });
  for (const [name, given] of gates) {
    const path = placeOf('gates', name);
    const gate = record(given);
    if (!/^[\w.*/-]{1,100}$/.test(name))
      problems.push({
        path,
        message: 'is no name of a gate: use letters, digits, . _ - / and * in patterns',
      });
    const approvers = list(gate['approvers']).filter((one) => typeof one === 'string');
    const countable = approvers.length > 0 && approvers.every((one) => !one.startsWith('S'));
    for (const key of ['quorum', 'deny_quorum'] as const) {
      const wanted = gate[key];
      const people = new Set(approvers).size;
      if (countable && typeof wanted === 'number' && wanted > people)
        problems.push({
          path: `${path}.${key}`,
          message: `can never be met by ${people} ${people === 1 ? 'approver' : 'approvers'}`,
        });
    }
    // Else a pipeline could ask where nobody looks, and wait.
    if (gate['on_timeout'] === 'approve' && gate['channels'] === undefined)
      problems.push({ path: `${path}.channels`, message: 'required with on_timeout: approve' });
    for (const [at, from] of list(gate['from']).entries())
      if (typeof from === 'string' && !/^[^/\s]+\/[^/\s]+$/.test(from))
        problems.push({
          path: `${path}.from[${at}]`,
          message: 'must be team/pipeline, such as main/app or main/*',
        });
  }
  return problems;
}

function awsProblems({ expect_identity: expected }: Tree): Problem[] {
  if (typeof expected !== 'string' || EXPECTED_IDENTITY.test(expected)) return [];
  const message = 'must be an account of 12 digits, or the ARN of a user or a role';
  return [{ path: 'aws.expect_identity', message }];
}

function gatewayProblems(document: Tree): Problem[] {
  const { url, region, auth, api_id: apiId, headers, timeout } = record(document['gateway']);
  if (isTooLong(timeout)) return [{ path: 'gateway.timeout', message: TIMEOUT_WORDS }];
  if (typeof url !== 'string') return [];
  const ownRegion = typeof region === 'string' ? region : record(document['aws'])['region'];
  const texts = Object.entries(record(headers)).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  const problem = connectionProblem({
    url,
    ...(typeof ownRegion === 'string' && { region: ownRegion }),
    ...(auth === 'none' && { auth }),
    ...(typeof apiId === 'string' && { apiId }),
    headers: Object.fromEntries(texts),
  });
  return problem ? [{ path: `gateway.${problem.key}`, message: problem.message }] : [];
}

function webhookProblems(document: Tree): Problem[] {
  const concourse = record(document['concourse']);
  const gates = Object.keys(record(document['gates']));
  const unknown = list(concourse['webhooks']).flatMap((webhook, at) => {
    const { gate } = record(webhook);
    if (typeof gate !== 'string' || compileGlobs(gates)(gate)) return [];
    const near = didYouMean(gate, gates);
    const message = `is no gate of this file${near === undefined ? '' : `, did you mean ${near}?`}`;
    return [{ path: `concourse.webhooks[${at}].gate`, message }];
  });
  return isNoAddress(concourse['url'])
    ? [{ path: 'concourse.url', message: 'is no address' }, ...unknown]
    : unknown;
}

function manifestProblems(document: Tree): Problem[] {
  const { manifest } = record(document['audit']);
  if (manifest === undefined) return [];
  const { file, bucket, prefix } = record(manifest);
  const problem = (key: string, message: string) => [{ path: `audit.manifest${key}`, message }];
  if ((file === undefined) === (bucket === undefined)) return problem('', 'needs either file or bucket');
  if (file !== undefined)
    return prefix === undefined ? [] : problem('.prefix', 'belongs to bucket, there is a file');
  return record(document['aws'])['region'] === undefined
    ? problem('.bucket', 'needs aws.region, the region of the bucket')
    : [];
}
