import type { StepResult } from '../support/step.ts';
import { BUILD, SECRET_KEY } from '../support/world.ts';
import type { World } from '../support/world.ts';

export const KEY_ID = 'AKIASENSITIVE0000001';
export const ROLE = 'arn:aws:iam::123456789012:role/reports';
const LINK = { artifacts: [{ key: 'report.pdf', as: 'link' }] };
export const TOKEN = 'sensitive.web.identity-token';
export const KEYS = { access_key_id: KEY_ID, secret_access_key: SECRET_KEY };
/** The default chain without this would ask a metadata service that may not be there. */
const NO_METADATA = { AWS_EC2_METADATA_DISABLED: 'true' };
/** An identity of the worker's own, which the default chain finds. */
export const IN_ENV = { ...NO_METADATA, AWS_ACCESS_KEY_ID: KEY_ID, AWS_SECRET_ACCESS_KEY: SECRET_KEY };

export interface Given {
  readonly params?: object;
  readonly env?: Readonly<Record<string, string>>;
}

/** Puts a link with `aws` as identity; the object is there. */
export function putAs(
  { put, source, aws }: World,
  identity: object,
  { params, env }: Given = {},
): Promise<StepResult> {
  aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report', { type: 'application/pdf' });
  return put(
    { ...LINK, ...params },
    {
      source: source({ aws: { region: 'eu-west-1', endpoint: aws.url, ...identity } }),
      env: { ...BUILD, ...NO_METADATA, ...env },
    },
  );
}

/** The access keys that S3 was asked with. */
export function keysUsed({ aws }: World): string[] {
  return [
    ...new Set(
      aws.s3.calls.map(({ headers }) => /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? ''),
    ),
  ];
}
