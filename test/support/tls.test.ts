import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startFakeAws } from '../fakes/aws/server.ts';
import { caFile, caPem, serverTls } from './tls.ts';

describe('the certificates of the tests', () => {
  const ca = new X509Certificate(caPem);
  const server = new X509Certificate(serverTls.cert);

  it('form a chain that no public store knows', () => {
    expect(ca.ca).toBe(true);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(readFileSync(caFile, 'utf8')).toBe(caPem);
  });

  it('name the loopback host and its addresses', () => {
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(['127.0.0.1', '::1'].map((ip) => server.checkIP(ip))).toEqual(['127.0.0.1', '::1']);
    expect(server.checkHost('example.com')).toBeUndefined();
  });

  it('outlive this project', () => {
    expect(new Date(server.validFrom).getUTCFullYear()).toBe(2020);
    expect(new Date(server.validTo).getUTCFullYear()).toBe(2076);
  });

  it('are refused by a client that was not told of the CA', async () => {
    const aws = await startFakeAws({ tls: true });
    const refused = await fetch(aws.url).then(
      () => 'trusted',
      (error: unknown) => String(error instanceof Error ? error.cause : error),
    );
    await aws.close();
    expect(refused).toMatch(/certificate/i);
  });
});
