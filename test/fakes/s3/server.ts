import { listen } from '../http/listen.ts';
import type { FakeS3Options, S3State } from './fake-s3.ts';
import { fakeS3 } from './fake-s3.ts';

export interface FakeS3 extends S3State {
  /** The endpoint, without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts an S3 server on loopback. */
export async function startFakeS3(options: FakeS3Options & { readonly tls?: boolean } = {}): Promise<FakeS3> {
  const service = fakeS3(options);
  const server = await listen(
    (req, res) => service.handle(req, res),
    options.tls === undefined ? {} : { tls: options.tls },
  );
  return { ...service, url: server.origin, close: () => server.close() };
}
