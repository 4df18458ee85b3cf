import type { IncomingMessage, ServerResponse } from 'node:http';
import { sha256Hex } from '../aws/canonical-request.ts';
import { verifySigV4 } from '../aws/verify-sigv4.ts';
import { listen } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';

export interface FakeSecretsOptions {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region?: string;
}

interface SecretsCall {
  readonly action: string;
  /** Name of the secret or the parameter. */
  readonly name: string;
}

export interface FakeSecrets {
  /** One endpoint for both services. */
  readonly url: string;
  /** Text of Secrets Manager's secrets, by name; a Buffer is a binary one. */
  readonly secrets: Map<string, string | Buffer>;
  /** SecureString parameters by path. */
  readonly parameters: Map<string, string>;
  readonly calls: readonly SecretsCall[];
  count(): number;
  /** Makes every call fail with this code until it is told undefined. */
  fault(code: string | undefined): void;
  expectNoUnknown(): void;
  close(): Promise<void>;
}

type Body = Readonly<Record<string, unknown>>;
type Answer = { readonly status: number; readonly body: Body };

const STATUS: Readonly<Record<string, number>> = { InternalServiceError: 500, ThrottlingException: 400 };

/** Plays GetSecretValue of Secrets Manager and GetParameter of Parameter Store (AWS JSON 1.1), and verifies who asks. */
export async function startFakeSecrets(options: FakeSecretsOptions): Promise<FakeSecrets> {
  const secrets = new Map<string, string | Buffer>();
  const parameters = new Map<string, string>();
  const calls: SecretsCall[] = [];
  const unknown: string[] = [];
  let fault: string | undefined;

  const perform = (target: string, args: Body): Answer => {
    switch (target) {
      case 'secretsmanager.GetSecretValue':
        return getSecretValue(args, secrets);
      case 'AmazonSSM.GetParameter':
        return getParameter(args, parameters);
      default:
        unknown.push(`unknown target ${target}`);
        return refusal('UnknownOperationException', 'no such operation');
    }
  };

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await readBody(req);
    const target = String(req.headers['x-amz-target']);
    if (req.headers['content-type'] !== 'application/x-amz-json-1.1')
      unknown.push(`type ${req.headers['content-type']}`);
    const args: Body = JSON.parse(body.toString('utf8'));
    calls.push({ action: target.split('.')[1] ?? '', name: String(args['SecretId'] ?? args['Name']) });
    const answer = refuse(req, body, target, options) ?? failing(fault) ?? perform(target, args);
    res.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    res.end(JSON.stringify(answer.body));
  };

  const server = await listen(handle);
  return {
    url: server.origin,
    secrets,
    parameters,
    calls,
    count: () => calls.length,
    fault: (code) => {
      fault = code;
    },
    expectNoUnknown() {
      if (unknown.length > 0) throw new Error(`fake secrets: ${unknown.join('; ')}`);
    },
    close: () => server.close(),
  };
}

function failing(code: string | undefined): Answer | undefined {
  return code === undefined ? undefined : refusal(code, 'as the test wants it');
}

function refuse(
  req: IncomingMessage,
  body: Buffer,
  target: string,
  options: FakeSecretsOptions,
): Answer | undefined {
  const verdict = verifySigV4(
    { method: req.method ?? '', target: req.url ?? '/', rawHeaders: req.rawHeaders },
    {
      service: target.startsWith('AmazonSSM.') ? 'ssm' : 'secretsmanager',
      regions: [options.region ?? 'eu-west-1'],
      secretOf: (id) =>
        id === options.accessKeyId ? { secretAccessKey: options.secretAccessKey } : undefined,
      bodyHash: sha256Hex(body),
    },
  );
  if (verdict.ok) return undefined;
  return verdict.reason === 'unknown-key'
    ? refusal('UnrecognizedClientException', 'The security token included in the request is invalid.')
    : refusal('InvalidSignatureException', verdict.detail);
}

function getSecretValue({ SecretId: id, ...others }: Body, secrets: Map<string, string | Buffer>): Answer {
  if (typeof id !== 'string' || id === '' || Object.keys(others).length > 0)
    return refusal('InvalidParameterException', 'SecretId');
  const name = /^arn:aws:secretsmanager:[^:]+:\d+:secret:(.+)-\w{6}$/.exec(id)?.[1] ?? id;
  const value = secrets.get(name);
  if (value === undefined)
    return refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  const content =
    typeof value === 'string' ? { SecretString: value } : { SecretBinary: value.toString('base64') };
  const ARN = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`;
  return { status: 200, body: { ARN, Name: name, VersionStages: ['AWSCURRENT'], ...content } };
}

function getParameter(
  { Name: name, WithDecryption: decrypt, ...others }: Body,
  parameters: Map<string, string>,
): Answer {
  if (typeof name !== 'string' || Object.keys(others).length > 0)
    return refusal('ValidationException', 'Name');
  const value = parameters.get(name);
  if (value === undefined) return refusal('ParameterNotFound', '');
  const shown = decrypt === true ? value : Buffer.from('encrypted').toString('base64');
  return { status: 200, body: { Parameter: { Name: name, Type: 'SecureString', Value: shown, Version: 1 } } };
}

function refusal(code: string, message: string): Answer {
  return { status: STATUS[code] ?? 400, body: { __type: code, message } };
}
