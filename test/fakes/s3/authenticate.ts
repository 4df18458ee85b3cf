import type { IncomingMessage } from 'node:http';
import type { Keys } from '../aws/sessions.ts';
import { secretLookup } from '../aws/sessions.ts';
import type { Reason } from '../aws/verify-sigv4.ts';
import { verifySigV4 } from '../aws/verify-sigv4.ts';
import { S3Error } from './s3-error.ts';

export interface Identity {
  readonly presigned: boolean;
  /** Hex SHA-256 of the body, or UNSIGNED-PAYLOAD. */
  readonly payloadHash: string;
}

/** Verifies the request's signature, and refuses it with the code and status that S3 documents. */
export function authenticate(req: IncomingMessage, keys: Keys, region: string, now: Date): Identity {
  const verdict = verifySigV4(
    { method: req.method ?? '', target: req.url ?? '/', rawHeaders: req.rawHeaders },
    { service: 's3', regions: [region], secretOf: secretLookup(keys), now },
  );
  if (!verdict.ok) throw refusal(verdict.reason, verdict.detail, verdict.presigned, region);
  return { presigned: verdict.presigned, payloadHash: verdict.payloadHash };
}

const plain: Readonly<Partial<Record<Reason, readonly [string, number, string]>>> = {
  anonymous: ['AccessDenied', 403, 'Access Denied'],
  'two-mechanisms': ['InvalidArgument', 400, 'Only one auth mechanism allowed'],
  'bad-uri': ['InvalidURI', 400, "Couldn't parse the specified URI."],
  'no-payload-hash': [
    'InvalidRequest',
    400,
    'Missing required header for this request: x-amz-content-sha256',
  ],
  'unsigned-header': ['AccessDenied', 403, 'There were headers present in the request which were not signed'],
  'unknown-key': [
    'InvalidAccessKeyId',
    403,
    'The AWS Access Key Id you provided does not exist in our records.',
  ],
  'unknown-token': ['InvalidToken', 400, 'The provided token is malformed or otherwise invalid.'],
  'expired-token': ['ExpiredToken', 400, 'The provided token has expired.'],
  skewed: [
    'RequestTimeTooSkewed',
    403,
    'The difference between the request time and the current time is too large.',
  ],
  'not-yet-valid': ['AccessDenied', 403, 'Request is not yet valid'],
  expired: ['AccessDenied', 403, 'Request has expired'],
};

function refusal(reason: Reason, detail: string, presigned: boolean, region: string): S3Error {
  const known = plain[reason];
  if (known !== undefined) {
    const [code, status, message] = known;
    return new S3Error(
      code,
      status,
      message,
      reason === 'unsigned-header' ? { elements: { HeadersNotSigned: detail } } : {},
    );
  }
  if (reason === 'signature') {
    const message =
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
    // Real answers show the canonical request too: nobody may pass such a body on (P19).
    return new S3Error('SignatureDoesNotMatch', 403, message, { elements: { CanonicalRequest: detail } });
  }
  const code = presigned ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed';
  const subject = presigned
    ? 'Error parsing the X-Amz-Credential parameter'
    : 'The authorization header is malformed';
  if (reason !== 'wrong-region') return new S3Error(code, 400, `${subject}; ${detail}`);
  return new S3Error(code, 400, `${subject}; ${detail}`, {
    elements: { Region: region },
    headers: { 'x-amz-bucket-region': region },
  });
}
