import { expect, test } from 'vitest';
import { createRedactor } from '../../src/kit/redact.ts';
import type { LogLevel } from '../../src/listener/config/config.ts';
import { createListenerLog } from '../../src/listener/log.ts';
import { manualClock } from '../support/manual-clock.ts';

function setup(level: () => LogLevel = () => 'info') {
  const written: string[] = [];
  const redactor = createRedactor();
  const write = (line: string) => void written.push(line);
  return { written, redactor, log: createListenerLog({ write, redactor, clock: manualClock(), level }) };
}

test('writes one JSON object a line', () => {
  const { log, written } = setup();
  log.info('listening', { port: 8080, none: undefined });
  expect(written).toEqual([
    '{"time":"2026-01-02T00:00:00.000Z","level":"info","msg":"listening","port":8080}\n',
  ]);
});

test('keeps what somebody chose on its line', () => {
  const { log, written } = setup();
  log.warn('odd', { name: 'a\n{"level":"error"}\u001b[31m' });
  expect(written).toHaveLength(1);
  expect(written[0]?.slice(0, -1)).not.toMatch(/\p{Cc}/u);
});

test('writes from its level on, asked at each line', () => {
  let level: LogLevel = 'warn';
  const { log, written } = setup(() => level);
  log.info('no');
  log.debug('no');
  log.warn('yes');
  log.error('yes');
  level = 'debug';
  log.debug('yes');
  expect(written.map((line) => /"msg":"(\w+)"/.exec(line)?.[1])).toEqual(['yes', 'yes', 'yes']);
});

test('stars out secrets, also those with quotes and those that are new (A36, P28)', () => {
  const { log, written, redactor } = setup();
  redactor.add('sensitive "quoted" \\ secret');
  log.info('it is sensitive "quoted" \\ secret', { where: 'sensitive "quoted" \\ secret' });
  redactor.add('sensitive-second');
  log.info('now', { token: 'sensitive-second' });
  expect(written.join('')).not.toContain('sensitive');
});
