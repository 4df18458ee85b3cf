import { secretLookup } from '../aws/sessions.ts';
import type { Session } from '../aws/sessions.ts';
import type { Reason } from '../aws/verify-sigv4.ts';
import { verifySigV4 } from '../aws/verify-sigv4.ts';
import type { StsContext } from './actions.ts';
import { StsError } from './sts-error.ts';

/** Verifies the signature of a call; the session that made it, or undefined for the long-lived user. */
export function authenticateSts({ req, bodyHash, options, now }: StsContext): Session | undefined {
  const verdict = verifySigV4(
    { method: req.method ?? '', target: req.url ?? '/', rawHeaders: req.rawHeaders },
    {
      service: 'sts',
      // The global endpoint takes us-east-1.
      regions: [options.region ?? 'eu-west-1', 'us-east-1'],
      secretOf: secretLookup(options),
      bodyHash,
      now: new Date(now),
    },
  );
  if (!verdict.ok) throw refusal(verdict.reason, verdict.detail);
  return [...options.sessions.values()].find((session) => session.accessKeyId === verdict.accessKeyId);
}

function refusal(reason: Reason, detail: string): StsError {
  switch (reason) {
    case 'anonymous':
      return new StsError('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');
    case 'unknown-key':
    case 'unknown-token':
      return new StsError(
        'InvalidClientTokenId',
        403,
        'The security token included in the request is invalid.',
      );
    case 'expired-token':
      return new StsError('ExpiredToken', 403, 'The security token included in the request is expired');
    case 'signature':
    case 'skewed':
    case 'expired':
    case 'not-yet-valid':
    case 'wrong-region':
    case 'wrong-service':
    case 'unsigned-header':
      return new StsError('SignatureDoesNotMatch', 403, `The request signature does not match: ${detail}`);
    case 'two-mechanisms':
    case 'malformed':
    case 'bad-uri':
    case 'bad-expires':
    case 'no-payload-hash':
      return new StsError('IncompleteSignature', 400, detail);
    default:
      return reason satisfies never;
  }
}
