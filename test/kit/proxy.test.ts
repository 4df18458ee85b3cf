import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../src/kit/proxy.ts';

const PROXY = 'http://proxy.corp:3128';
const both = { http_proxy: PROXY, https_proxy: 'http://secure.corp:3128' };

describe('the proxy of an origin (C18)', () => {
  it.each<readonly [string, string, NodeJS.ProcessEnv, string | undefined]>([
    ['is that of http', 'http://s3.corp', both, PROXY],
    ['is that of https', 'https://slack.com', both, 'http://secure.corp:3128'],
    ['is none where nothing is set', 'https://slack.com', {}, undefined],
    ['is none where only the other is set', 'https://slack.com', { http_proxy: PROXY }, undefined],
    ['is none where it is empty', 'http://s3.corp', { http_proxy: ' ' }, undefined],
    [
      'may lack its scheme, as Go and curl have it',
      'http://s3.corp',
      { http_proxy: 'proxy.corp:3128' },
      PROXY,
    ],
    ['may be asked over TLS', 'http://s3.corp', { http_proxy: 'https://proxy.corp' }, 'https://proxy.corp'],
    ['is taken in upper case where lower case is not set', 'http://s3.corp', { HTTP_PROXY: PROXY }, PROXY],
    [
      'is taken in lower case first',
      'http://s3.corp',
      { HTTP_PROXY: 'http://other', http_proxy: PROXY },
      PROXY,
    ],
  ])('%s', (_, origin, env, proxy) => {
    expect(proxyFor(origin, env)).toBe(proxy);
  });

  it.each(['socks5://sensitive-user:x@host:1080', 'http://', 'ftp://host', 'http://sensitive:pass word@:1'])(
    'is refused without its value when it is %s',
    (value) => {
      expect(() => proxyFor('https://slack.com', { https_proxy: value })).toThrow(
        /^the worker's https_proxy is not the http or https address of a proxy$/,
      );
    },
  );
});

describe('no_proxy (C18)', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['*', 'https://slack.com', true],
    ['amazonaws.com', 'https://ci-artifacts.s3.eu-west-1.amazonaws.com', true],
    ['.amazonaws.com', 'https://ci-artifacts.s3.eu-west-1.amazonaws.com', true],
    ['*.amazonaws.com', 'https://ci-artifacts.s3.eu-west-1.amazonaws.com', true],
    ['amazonaws.com', 'https://amazonaws.com.evil.test', false],
    ['amazonaws.com', 'https://notamazonaws.com', false],
    ['slack.com', 'https://slack.com', true],
    ['files.slack.com', 'https://slack.com', false],
    ['localhost, 127.0.0.1 ,minio.corp', 'http://minio.corp:9000', true],
    ['MINIO.Corp', 'http://minio.corp:9000', true],
    ['minio.corp:9000', 'http://minio.corp:9000', true],
    ['minio.corp:9000', 'http://minio.corp', false],
    ['minio.corp:443', 'https://minio.corp', true],
    ['10.1.2.3', 'http://10.1.2.3:9000', true],
    ['10.1.2.3:9000', 'http://10.1.2.3:9000', true],
    ['2.3', 'http://10.1.2.3', false],
    ['10.0.0.0/8', 'http://10.1.2.3:9000', true],
    ['10.0.0.0/8', 'http://11.1.2.3', false],
    ['10.0.0.0/8', 'http://ten.corp', false],
    ['10.0.0.0/99, 10/8, x/8, /', 'http://10.1.2.3', false],
    ['::1', 'http://[::1]:9000', true],
    ['[::1]:9000', 'http://[::1]:9000', true],
    ['[::1]:9000', 'http://[::1]', false],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['', 'https://slack.com', false],
  ];

  it.each(cases)('%j and %s: %s', (no_proxy, origin, aside) => {
    expect(proxyFor(origin, { ...both, no_proxy }) === undefined).toBe(aside);
  });
});
