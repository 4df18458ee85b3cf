import { describe, expect, it } from 'vitest';
import { objectTarget } from '../../src/s3/target.ts';
import type { BucketAddress } from '../../src/s3/target.ts';

const CASES: readonly (readonly [string, BucketAddress, string])[] = [
  [
    'the bucket in the host at AWS',
    { bucket: 'ci-artifacts', region: 'eu-west-1' },
    'https://ci-artifacts.s3.eu-west-1.amazonaws.com/k',
  ],
  [
    'the suffix of China',
    { bucket: 'ci-artifacts', region: 'cn-north-1' },
    'https://ci-artifacts.s3.cn-north-1.amazonaws.com.cn/k',
  ],
  [
    'path style when asked',
    { bucket: 'ci-artifacts', region: 'eu-west-1', pathStyle: true },
    'https://s3.eu-west-1.amazonaws.com/ci-artifacts/k',
  ],
  [
    'path style for a dotted bucket, which no wildcard certificate covers',
    { bucket: 'files.corp', region: 'eu-west-1' },
    'https://s3.eu-west-1.amazonaws.com/files.corp/k',
  ],
  [
    'path style for a name that is no host name',
    { bucket: 'Old_Bucket', region: 'us-east-1' },
    'https://s3.us-east-1.amazonaws.com/Old_Bucket/k',
  ],
  [
    'path style on an IPv4 address',
    { bucket: 'ci-artifacts', region: 'x', endpoint: 'http://10.0.0.5:9000' },
    'http://10.0.0.5:9000/ci-artifacts/k',
  ],
  [
    'path style on an IPv6 address',
    { bucket: 'ci-artifacts', region: 'x', endpoint: 'http://[::1]:9000' },
    'http://[::1]:9000/ci-artifacts/k',
  ],
  [
    'path style on localhost',
    { bucket: 'ci-artifacts', region: 'x', endpoint: 'http://localhost:9000/' },
    'http://localhost:9000/ci-artifacts/k',
  ],
  [
    'the bucket in the host of another server',
    { bucket: 'ci-artifacts', region: 'x', endpoint: 'https://minio.corp:9000' },
    'https://ci-artifacts.minio.corp:9000/k',
  ],
  [
    'path style of another server when asked',
    { bucket: 'ci-artifacts', region: 'x', endpoint: 'https://minio.corp', pathStyle: true },
    'https://minio.corp/ci-artifacts/k',
  ],
  [
    'no bucket at all where the host is the bucket',
    { bucket: 'files.corp.example', region: 'x', endpoint: 'https://files.corp.example' },
    'https://files.corp.example/k',
  ],
  [
    'a VPC endpoint',
    {
      bucket: 'ci-artifacts',
      region: 'eu-west-1',
      endpoint: 'https://bucket.vpce-0a1b-c2d3.s3.eu-west-1.vpce.amazonaws.com',
    },
    'https://ci-artifacts.bucket.vpce-0a1b-c2d3.s3.eu-west-1.vpce.amazonaws.com/k',
  ],
  [
    'an endpoint below a path',
    { bucket: 'ci-artifacts', region: 'x', endpoint: 'https://gate.corp/s3/', pathStyle: true },
    'https://gate.corp/s3/ci-artifacts/k',
  ],
  [
    'the bucket in the host of an endpoint below a path',
    { bucket: 'ci-artifacts', region: 'x', endpoint: 'https://gate.corp/s3' },
    'https://ci-artifacts.gate.corp/s3/k',
  ],
];

describe('objectTarget', () => {
  it.each(CASES)('has %s', (_, address, url) => {
    const target = objectTarget(address, 'k');
    expect(target.origin + target.path).toBe(url);
    expect(`${new URL(url).protocol}//${target.host}`).toBe(target.origin);
  });

  it.each([
    ['a//b/', '/b/a//b/'],
    ['../x/./y', '/b/../x/./y'],
    ["+ ()'!*@=;,&$:?#%", '/b/%2B%20%28%29%27%21%2A%40%3D%3B%2C%26%24%3A%3F%23%25'],
    ['e\u0301/é', '/b/e%CC%81/%C3%A9'],
    ['a%2Fb', '/b/a%252Fb'],
  ])('encodes %j once and normalises nothing (P5, P6, P7)', (key, path) => {
    expect(objectTarget({ bucket: 'b', region: 'x', endpoint: 'http://127.0.0.1' }, key).path).toBe(path);
  });
});
