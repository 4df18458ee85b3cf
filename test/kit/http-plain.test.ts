import { expect, it } from 'vitest';
import { createHttp } from '../../src/kit/http.ts';
import { listen } from '../fakes/http/listen.ts';

it('says that a server which speaks plain HTTP has no https address', async () => {
  const server = await listen((_, res) => void res.end('plain'));
  try {
    const origin = server.origin.replace('http:', 'https:');
    const asked = createHttp({})({ method: 'GET', origin, path: '/', headers: {} });
    await expect(asked).rejects.toThrow(/^TLS failed: wrong version number: is it an http address\?$/);
  } finally {
    await server.close();
  }
});
