import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withWorld } from '../support/world.ts';

const out = join(process.env['RESOURCE_ASSETS_DIR'] ?? join(import.meta.dirname, '../../assets'), 'out');
const MB = 1024 * 1024;

/** The most memory a process has used so far, in bytes; 0 once it is gone. */
function peakOf(pid: number): number {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

test.runIf(existsSync('/proc/self/status'))(
  'an upload of 600 MB is streamed with back-pressure: memory does not grow with it (C22, P16)',
  () =>
    withWorld(async ({ source, slack, aws }) => {
      aws.s3.put(
        'ci-artifacts',
        'slack-content/big.iso',
        { size: 600 * MB, fill: 1 },
        { type: 'application/x-iso9660-image' },
      );
      const child = spawn(out, ['/tmp'], { env: {}, cwd: '/' });
      const said = Promise.all([text(child.stdout), text(child.stderr)]);
      child.stdin.end(
        JSON.stringify({ source: source(), params: { artifacts: [{ key: 'big.iso', as: 'upload' }] } }),
      );
      let peak = 0;
      const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
      while (child.exitCode === null) {
        peak = Math.max(peak, peakOf(child.pid ?? 0));
        await Promise.race([closed, pause(20)]);
      }
      const [stdout, stderr] = await said;
      expect(stdout, stderr).toContain('"version"');
      expect(slack.files()).toMatchObject([{ length: 600 * MB, received: 600 * MB }]);
      expect(peak).toBeGreaterThan(20 * MB);
      expect(peak).toBeLessThan(250 * MB);
    }),
  60_000,
);
