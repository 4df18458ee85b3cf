import type { IncomingMessage } from 'node:http';
import { secretLookup } from '../aws/sessions.ts';
import { sha256Hex } from '../aws/canonical-request.ts';
import { verifySigV4 } from '../aws/verify-sigv4.ts';
import type { Reason } from '../aws/verify-sigv4.ts';
import type { FakeGatewayOptions } from './options.ts';

export interface GatewayRefusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

/** Checks a call as API Gateway does with `AWS_IAM`, with its error types and texts (developer guide, common errors). */
export function authorize(
  req: IncomingMessage,
  body: Buffer,
  options: FakeGatewayOptions,
): GatewayRefusal | undefined {
  if (options.apiId !== undefined && req.headers['x-apigw-api-id'] !== options.apiId)
    return { status: 403, type: 'ForbiddenException', message: 'Forbidden' };
  if (options.auth === 'none') return undefined;
  const verdict = verifySigV4(
    { method: req.method ?? '', target: req.url ?? '', rawHeaders: req.rawHeaders },
    {
      service: 'execute-api',
      regions: [options.region ?? 'eu-west-1'],
      secretOf: secretLookup(options),
      bodyHash: sha256Hex(body),
      now: new Date(Date.now() + (options.aheadMs ?? 0)),
    },
  );
  return verdict.ok ? undefined : refusal(verdict.reason, verdict.detail);
}

function refusal(reason: Reason, detail: string): GatewayRefusal {
  const forbidden = (type: string, message: string) => ({ status: 403, type, message });
  if (reason === 'anonymous')
    return forbidden('MissingAuthenticationTokenException', 'Missing Authentication Token');
  if (reason === 'unknown-key' || reason === 'unknown-token')
    return forbidden('UnrecognizedClientException', 'The security token included in the request is invalid.');
  if (reason === 'expired-token')
    return forbidden('ExpiredTokenException', 'The security token included in the request is expired');
  if (reason === 'skewed')
    return forbidden(
      'InvalidSignatureException',
      `Signature expired: 20260101T000000Z is now earlier than ${detail}`,
    );
  if (reason === 'signature')
    return forbidden(
      'InvalidSignatureException',
      `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.\n\nThe Canonical String for this request should have been\n'${detail}'`,
    );
  return forbidden('IncompleteSignatureException', `${reason}: ${detail}`);
}
