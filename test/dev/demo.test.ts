import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('the demo posts a link, an upload, an image and a button, and shows what get wrote', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['dev/demo.ts', '--auto'], { cwd: root });
  const parts = stdout.split('== put: ').slice(1);
  expect(parts.map((part) => part.split(' ==')[0])).toEqual(['a link', 'an upload', 'an image', 'a button']);
  for (const part of parts) {
    expect(part).toMatch(/"version": \{\s+"channel": "C\w+",\s+"ts": "\d{10}\.\d{6}"/);
    expect(part).toMatch(/get wrote channel: C\w+\nget wrote ts: \d{10}\.\d{6}\nget wrote version\.json: \{/);
  }
  expect(parts[0]).toContain('Daily report (link, 945 bytes, until ');
  expect(parts[1]).toContain('Daily report (upload, 945 bytes)');
  expect(parts[2]).toContain('CPU (image, 20 KB)');
  expect(stdout).not.toContain('warning');
});
