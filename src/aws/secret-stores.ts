import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { makeAgent } from '../kit/http.ts';
import { isRecord, tryParseJson } from '../kit/json.ts';

/** Reads secrets kept at AWS, as the SDK's default chain. Rejects with an Error that names AWS's code, never a value. */
export interface SecretStores {
  /** The text of a secret, by name or ARN; `name#key` is one key of a secret that is JSON. */
  secretsManager(name: string): Promise<string>;
  /** A parameter, decrypted. */
  ssm(path: string): Promise<string>;
}

/** Talks to Secrets Manager and Parameter Store in `region`, or at `endpoint`, through the process's proxy and CAs. */
export async function createSecretStores(
  region: string | undefined,
  endpoint: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<SecretStores> {
  const common = { ...(region && { region }), ...(endpoint && { endpoint }), maxAttempts: 3 };
  const handler = async (service: string, variable: string) => {
    const address =
      endpoint ?? (env[variable] || env['AWS_ENDPOINT_URL'] || awsAddress(service, region ?? ''));
    const { origin, protocol } = new URL(address);
    const agent = await makeAgent(origin, true, env);
    return {
      [protocol === 'https:' ? 'httpsAgent' : 'httpAgent']: agent,
      requestTimeout: 10_000,
      connectionTimeout: 5000,
      throwOnRequestTimeout: true,
    };
  };
  const secrets = new SecretsManagerClient({
    ...common,
    requestHandler: await handler('secretsmanager', 'AWS_ENDPOINT_URL_SECRETS_MANAGER'),
  });
  const parameters = new SSMClient({
    ...common,
    requestHandler: await handler('ssm', 'AWS_ENDPOINT_URL_SSM'),
  });

  return {
    secretsManager: (name) =>
      naming(async () => {
        const [id = '', key] = name.split('#', 2);
        const { SecretString: text } = await secrets.send(new GetSecretValueCommand({ SecretId: id }));
        if (text === undefined) throw new Error('it holds bytes, not text');
        return key === undefined ? text : keyOf(text, key);
      }),
    ssm: (path) =>
      naming(async () => {
        const { Parameter } = await parameters.send(
          new GetParameterCommand({ Name: path, WithDecryption: true }),
        );
        if (Parameter?.Value === undefined) throw new Error('it has no value');
        return Parameter.Value;
      }),
  };
}

function awsAddress(service: string, region: string): string {
  return `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function keyOf(text: string, key: string): string {
  const parsed = tryParseJson(text);
  const value = isRecord(parsed) && Object.hasOwn(parsed, key) ? parsed[key] : undefined;
  if (typeof value !== 'string') throw new Error(`it is not JSON with a text at ${key}`);
  return value;
}

// AWS's codes say it all; its messages name accounts and roles.
async function naming(act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    const isAws =
      error instanceof Error && '$metadata' in error && !/^(?:Error|\w*ProviderError)$/.test(error.name);
    throw isAws ? new Error(error.name, { cause: error }) : error;
  }
}
