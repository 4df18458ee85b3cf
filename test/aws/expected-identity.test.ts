import { describe, expect, test } from 'vitest';
import { EXPECTED_IDENTITY, isExpectedIdentity } from '../../src/aws/expected-identity.ts';

const SESSION = 'arn:aws:sts::123456789012:assumed-role/listener/i-0abc';
const USER = 'arn:aws:iam::123456789012:user/ci';

describe('an identity is the expected one', () => {
  test.each([
    ['by its account', SESSION, '123456789012'],
    ['by its ARN', USER, USER],
    ['by the ARN of its session', SESSION, SESSION],
    ['by its role', SESSION, 'arn:aws:iam::123456789012:role/listener'],
    [
      'by its role with a path, which STS leaves out',
      SESSION,
      'arn:aws:iam::123456789012:role/ci/eu/listener',
    ],
    ['by its role as STS names it', SESSION, 'arn:aws:sts::123456789012:assumed-role/listener'],
    ['in another partition', SESSION.replace('aws', 'aws-cn'), 'arn:aws-cn:iam::123456789012:role/listener'],
  ])('%s', (_how, arn, expected) => {
    expect(EXPECTED_IDENTITY.test(expected)).toBe(true);
    expect(isExpectedIdentity(arn, expected)).toBe(true);
  });
});

describe('an identity is another one', () => {
  test.each([
    ['of another account', SESSION, '210987654321'],
    ['of a role whose name only begins alike', SESSION, 'arn:aws:iam::123456789012:role/listener-admin'],
    ['of a role of that name in another account', SESSION, 'arn:aws:iam::210987654321:role/listener'],
    ['of another partition', SESSION, 'arn:aws-cn:iam::123456789012:role/listener'],
    [
      'a user with the name of the role',
      'arn:aws:iam::123456789012:user/listener',
      'arn:aws:iam::123456789012:role/listener',
    ],
    ['with the account in its name', 'arn:aws:iam::210987654321:user/123456789012', '123456789012'],
    ['another user', USER, `${USER}2`],
    ['when nothing is expected', SESSION, ''],
  ])('%s', (_how, arn, expected) => {
    expect(isExpectedIdentity(arn, expected)).toBe(false);
  });
});
