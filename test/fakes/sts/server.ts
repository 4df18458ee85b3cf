import { listen } from '../http/listen.ts';
import type { FakeStsOptions, StsState } from './fake-sts.ts';
import { fakeSts } from './fake-sts.ts';

export interface FakeSts extends StsState {
  /** The endpoint, without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts an STS server on loopback. */
export async function startFakeSts(
  options: FakeStsOptions & { readonly tls?: boolean } = {},
): Promise<FakeSts> {
  const service = fakeSts(options);
  const server = await listen(
    (req, res) => service.handle(req, res),
    options.tls === undefined ? {} : { tls: options.tls },
  );
  return { ...service, url: server.origin, close: () => server.close() };
}
