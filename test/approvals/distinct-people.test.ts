import { expect, test } from 'vitest';
import { distinctPeople } from '../../src/approvals/distinct-people.ts';

test('keeps each name once, as it is written first', () => {
  const named = ['ana@example.com', ' Ana@Example.com', 'octocat', 'Octocat ', 'Ana Y <ana@example.com>'];
  expect(distinctPeople(named)).toEqual(['ana@example.com', 'octocat', 'Ana Y <ana@example.com>']);
});

test('keeps an id however it is written elsewhere', () => {
  expect(distinctPeople(['u0ana000001', 'U0ANA000001', 'u0ana000001'])).toEqual(['U0ANA000001']);
});
