import type { IncomingMessage } from 'node:http';
import { listen } from '../http/listen.ts';
import type { FakeS3Options, S3State } from '../s3/fake-s3.ts';
import { fakeS3 } from '../s3/fake-s3.ts';
import type { FakeStsOptions, StsState } from '../sts/fake-sts.ts';
import { fakeSts } from '../sts/fake-sts.ts';
import type { Sessions } from './sessions.ts';

export interface FakeAws {
  /** One endpoint for both services, without a slash at its end. */
  readonly url: string;
  readonly s3: S3State;
  readonly sts: StsState;
  /** Temporary credentials by session token: STS fills it, S3 honours it. */
  readonly sessions: Sessions;
  /** Throws when either service was asked for something it does not know. */
  expectNoUnknown(): void;
  close(): Promise<void>;
}

export type FakeAwsOptions = FakeS3Options & FakeStsOptions & { readonly tls?: boolean };

/** Starts S3 and STS behind one address, as a resource with a single `aws.endpoint` needs them. */
export async function startFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  const sessions: Sessions = options.sessions ?? new Map();
  const s3 = fakeS3({ ...options, sessions });
  const sts = fakeSts({ ...options, sessions });
  const server = await listen(
    (req, res) => (isSts(req) ? sts.handle(req, res) : s3.handle(req, res)),
    options.tls === undefined ? {} : { tls: options.tls },
  );
  return {
    url: server.origin,
    s3,
    sts,
    sessions,
    expectNoUnknown() {
      s3.expectNoUnknown();
      sts.expectNoUnknown();
    },
    close: () => server.close(),
  };
}

// Nothing in S3 posts a form to the root.
function isSts(req: IncomingMessage): boolean {
  const type = req.headers['content-type'] ?? '';
  return req.method === 'POST' && req.url === '/' && type.startsWith('application/x-www-form-urlencoded');
}
