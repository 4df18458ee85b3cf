import { describe, expect, it } from 'vitest';
import { freshCredentials } from '../../src/aws/fresh-credentials.ts';

const HOUR = 3_600_000;

/** A clock that stands, and a source of sessions that counts what was asked of it. */
function bench(lifeMs: number | undefined) {
  const state = { now: 0, asked: 0, broken: false };
  const ask = freshCredentials(
    async () => {
      state.asked += 1;
      if (state.broken) throw new Error('no more sessions');
      const expiresAt = lifeMs === undefined ? undefined : state.now + lifeMs;
      return { accessKeyId: `AKIA${state.asked}`, secretAccessKey: 'sensitive', expiresAt };
    },
    { now: () => state.now, sleep: async () => undefined },
  );
  return { state, key: async () => (await ask()).accessKeyId };
}

describe('credentials for as long as somebody asks (P24)', () => {
  it('are loaded once, also for those who ask at the same time', async () => {
    const { state, key } = bench(HOUR);
    expect(await Promise.all([key(), key(), key()])).toEqual(['AKIA1', 'AKIA1', 'AKIA1']);
    expect(state.asked).toBe(1);
  });

  it('are loaded again a minute before they end', async () => {
    const { state, key } = bench(HOUR);
    await key();
    state.now = HOUR - 60_001;
    expect(await key()).toBe('AKIA1');
    state.now = HOUR - 60_000;
    expect(await key()).toBe('AKIA2');
    state.now += HOUR - 60_001;
    expect(await key()).toBe('AKIA2');
  });

  it('without an end are never loaded again', async () => {
    const { state, key } = bench(undefined);
    await key();
    state.now = 1000 * HOUR;
    expect(await key()).toBe('AKIA1');
  });

  it('that cannot be loaded again are used to their end, and not beyond', async () => {
    const { state, key } = bench(HOUR);
    await key();
    state.broken = true;
    state.now = HOUR - 1;
    expect(await key()).toBe('AKIA1');
    state.now = HOUR;
    await expect(key()).rejects.toThrow('no more sessions');
    state.broken = false;
    expect(await key()).toMatch(/^AKIA\d$/);
  });

  it('that could not be loaded at first are asked for anew', async () => {
    const { state, key } = bench(HOUR);
    state.broken = true;
    await expect(key()).rejects.toThrow('no more sessions');
    state.broken = false;
    expect(await key()).toBe('AKIA2');
  });
});
