/** What `expect_identity` may be: an account, or the ARN of a user, a role or a session of a role. */
export const EXPECTED_IDENTITY = /^(?:\d{12}|arn:aws[\w-]*:(?:iam|sts)::\d{12}:.+)$/;

/**
 * Whether an identity, as STS names it, is the expected one: any of an account of 12 digits, the very ARN, or a role
 * (`arn:aws:iam::…:role/path/name`, `arn:aws:sts::…:assumed-role/name`) in any of its sessions.
 */
export function isExpectedIdentity(arn: string, expected: string): boolean {
  if (/^\d{12}$/.test(expected)) return arn.split(':')[4] === expected;
  return arn === expected || (roleOf(arn) !== undefined && roleOf(arn) === roleOf(expected));
}

// STS names the sessions of a role without the path of the role; the name alone is unique in an account.
function roleOf(arn: string): string | undefined {
  const [, partition, account, name] =
    /^arn:(aws[\w-]*):sts::(\d{12}):assumed-role\/([^/]+)(?:\/[^/]*)?$/.exec(arn) ??
    /^arn:(aws[\w-]*):iam::(\d{12}):role\/(?:.+\/)?([^/]+)$/.exec(arn) ??
    [];
  return name === undefined ? undefined : `${partition}:${account}:${name}`;
}
