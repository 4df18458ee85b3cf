import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/kit/duration.ts';

test.for([
  ['90s', 90],
  ['15m', 900],
  ['2h', 7200],
  ['1h30m', 5400],
  ['1d', 86_400],
  ['1w', 604_800],
  ['7d', 604_800],
  ['PT2H', 7200],
  ['P1DT12H', 129_600],
  ['P1W', 604_800],
  ['PT1M30S', 90],
  ['0h5m', 300],
] as const)('reads %s as %i seconds', ([text, seconds]) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.for([
  [''],
  ['0s'],
  ['PT0S'],
  ['P'],
  ['PT'],
  ['P1D T'],
  ['P1DT'],
  ['90'],
  ['1.5h'],
  ['-1h'],
  ['1H'],
  ['1h 30m'],
  [' 1h'],
  ['1h\n'],
  ['2 days'],
  ['1y'],
  ['9'.repeat(400) + 's'],
  ['1'.repeat(100_000)],
])('takes %j for no duration', ([text]) => {
  expect(parseDuration(text ?? '')).toBeUndefined();
});

test.for([
  [1, '1s'],
  [72_000, '20h'],
  [5400, '1h30m'],
  [90_061, '1d1h1m1s'],
] as const)('writes %i seconds as %s', ([seconds, text]) => {
  expect(formatDuration(seconds)).toBe(text);
});
