import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runStep } from './step.ts';
import { withTempDir, writeTree } from './temp-dir.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Runs a shell script in the place of `out`. */
async function withScript<T>(script: string, use: (dir: string) => Promise<T>): Promise<T> {
  return withTempDir(async (dir) => {
    await writeTree(dir, { out: `#!/bin/sh\n${script}\n`, check: `#!/bin/sh\n${script}\n` });
    for (const step of ['out', 'check']) await chmod(join(dir, step), 0o755);
    vi.stubEnv('RESOURCE_ASSETS_DIR', dir);
    return use(dir);
  });
}

describe('runStep', () => {
  it('gives the request on stdin, and both streams and the exit code back', async () => {
    await withScript('cat; echo said >&2; exit 3', async () => {
      const result = await runStep('out', { source: { channel: 'é' } });
      expect(result).toMatchObject({ code: 3, signal: null, stderr: 'said\n' });
      expect(result.json()).toEqual({ source: { channel: 'é' } });
    });
  });

  it('sends strings and buffers as they are', async () => {
    await withScript('cat', async () => {
      expect((await runStep('out', '{"half')).stdout).toBe('{"half');
      expect((await runStep('out', Buffer.from('raw'))).stdout).toBe('raw');
    });
  });

  it('passes the folder to out, and nothing to check', async () => {
    await withScript('cat >/dev/null; echo "$# $1"', async () => {
      expect((await runStep('out', {}, { dir: '/some/where' })).stdout).toBe('1 /some/where\n');
      expect((await runStep('check', {}, { dir: '/some/where' })).stdout).toBe('0 \n');
    });
  });

  it('starts in / with PATH and nothing else in the environment', async () => {
    vi.stubEnv('HOME', '/root');
    await withScript('cat >/dev/null; pwd; /usr/bin/env', async () => {
      const { stdout } = await runStep('out', {}, { env: { BUILD_ID: '7' } });
      // The shell itself sets PWD, and some shells SHLVL and _.
      const names = stdout
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split('=')[0] ?? '');
      expect(stdout.split('\n')[0]).toBe('/');
      expect(names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)).toSorted()).toEqual([
        'BUILD_ID',
        'PATH',
      ]);
    });
  });

  it('takes it when a step ends without reading its input', async () => {
    await withScript('exit 1', async () => {
      expect((await runStep('out', 'x'.repeat(5_000_000))).code).toBe(1);
    });
  });

  it('stops the step once stderr matches', async () => {
    const script = `trap 'echo stopped >&2; exit 7' TERM; echo uploading 10% >&2; while :; do sleep 0.02; done`;
    await withScript(script, async () => {
      const result = await runStep('out', {}, { killAfterStderr: /uploading \d+%/ });
      expect(result).toMatchObject({ code: 7, stderr: 'uploading 10%\nstopped\n' });
    });
  });

  it('stops the step when the signal aborts, by the kill signal asked for', async () => {
    await withScript('exec sleep 60', async () => {
      const result = await runStep('out', {}, { signal: AbortSignal.timeout(50), killSignal: 'SIGKILL' });
      expect(result).toMatchObject({ code: null, signal: 'SIGKILL' });
    });
  });

  it('kills a step that does not end in time and shows its stderr', async () => {
    await withScript('echo waiting >&2; exec sleep 60', async () => {
      await expect(runStep('out', {}, { timeoutMs: 3000 })).rejects.toThrow(/within 3000 ms.*\nwaiting/);
    });
  });

  it('says what stdout was when it is not JSON', async () => {
    await withScript('echo oops', async () => {
      const result = await runStep('out', {});
      expect(() => result.json()).toThrow('stdout is not JSON:\noops');
    });
  });
});

describe('withTempDir', () => {
  it('removes the folder and what was written, also after a failure', async () => {
    let seen = '';
    const failing = withTempDir(async (dir) => {
      seen = dir;
      await writeTree(dir, { 'a/b/c.txt': 'deep', 'd.bin': new Uint8Array([1]) });
      expect(readFileSync(join(dir, 'a/b/c.txt'), 'utf8')).toBe('deep');
      throw new Error('boom');
    });
    await expect(failing).rejects.toThrow('boom');
    expect(existsSync(seen)).toBe(false);
  });
});
