import { expect, test } from 'vitest';
import { formatSize, parseSize } from '../../src/kit/size.ts';

test.for([
  ['10MB', 10 * 1024 ** 2],
  ['1GB', 1024 ** 3],
  ['1GiB', 1024 ** 3],
  ['1.5kb', 1536],
  ['2TB', 2 * 1024 ** 4],
  ['512B', 512],
  ['512', 512],
  [512, 512],
  [' 1 MB ', 1024 ** 2],
] as const)('reads %j as %i bytes', ([size, bytes]) => {
  expect(parseSize(size)).toBe(bytes);
});

test.for([
  [''],
  ['0'],
  ['0MB'],
  ['-1MB'],
  ['1PB'],
  ['MB'],
  ['1e9'],
  ['1,5MB'],
  ['0.1B'],
  [Number.NaN],
  [1e300],
  ['9'.repeat(400)],
])('takes %j for no size', ([size]) => {
  expect(parseSize(size ?? '')).toBeUndefined();
});

test.for([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1 KB'],
  [1_300_000, '1.2 MB'],
  [15 * 1024 ** 2, '15 MB'],
  [1024 ** 2 - 1, '1 MB'],
  [1024 ** 3 - 1, '1 GB'],
  [5 * 1024 ** 5, '5120 TB'],
] as const)('writes %i bytes as %s', ([bytes, text]) => {
  expect(formatSize(bytes)).toBe(text);
});
