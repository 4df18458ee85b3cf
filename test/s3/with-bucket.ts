import { createHttp } from '../../src/kit/http.ts';
import { openBucket } from '../../src/s3/objects.ts';
import type { Objects } from '../../src/s3/objects.ts';
import type { BucketAddress } from '../../src/s3/target.ts';
import { defaultKeys } from '../fakes/aws/sessions.ts';
import type { FakeS3Options } from '../fakes/s3/fake-s3.ts';
import { startFakeS3 } from '../fakes/s3/server.ts';
import type { FakeS3 } from '../fakes/s3/server.ts';
import { instantClock } from '../support/instant-clock.ts';
import type { InstantClock } from '../support/instant-clock.ts';

export interface OpenBucket {
  readonly fake: FakeS3;
  readonly objects: Objects;
  readonly address: BucketAddress;
  readonly clock: InstantClock;
  readonly stop: (reason: Error) => void;
}

export const BUCKET = 'ci-artifacts';
export const SILENCE_MS = 1500;

/** Gives a test a strict S3 of its own and its bucket, opened by our code; waiting takes no time, silence 1.5 s. */
export async function withBucket(
  use: (open: OpenBucket) => Promise<void>,
  options: FakeS3Options = {},
): Promise<void> {
  const fake = await startFakeS3(options);
  const client = createHttp({});
  const clock = instantClock();
  const controller = new AbortController();
  const address = { bucket: BUCKET, region: 'eu-west-1', endpoint: fake.url, pathStyle: true };
  const objects = openBucket(address, {
    http: (request) => client({ ...request, idleMs: SILENCE_MS }),
    clock,
    credentials: defaultKeys,
    signal: controller.signal,
  });
  try {
    await use({ fake, objects, address, clock, stop: (reason) => controller.abort(reason) });
    fake.expectNoUnknown();
  } finally {
    await fake.close();
  }
}
