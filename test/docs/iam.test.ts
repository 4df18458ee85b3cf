import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isRecord } from '../../src/kit/json.ts';
import { readText, root } from '../support/markdown.ts';

function actionsOf(policy: string): string[] {
  const { Statement: statements }: { Statement: { Action: string | string[] }[] } = JSON.parse(
    readText(policy),
  );
  return statements.flatMap(({ Action: actions }) => actions);
}

/** What the SDK is asked for, as actions of IAM. Only STS is left out: it needs no right to say who one is. */
function calls(): string[] {
  const names = (path: string) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/new (?:sdk\.)?([A-Z]\w+)Command\(/g)].map(
      ([, name = '']) => name,
    );
  const stores = globSync('src/store/*.ts', { cwd: root }).flatMap(names);
  const secrets = names('src/aws/secret-stores.ts');
  return [
    ...new Set(stores.map((name) => `dynamodb:${name}`)),
    ...secrets.map((name) => `${name === 'GetParameter' ? 'ssm' : 'secretsmanager'}:${name}`),
  ];
}

test('the policies of examples allow every call that the listener and its verbs make, and no other', () => {
  const allowed = [...actionsOf('examples/iam-listener.json'), ...actionsOf('examples/iam-operator.json')];
  const signedByUs = ['execute-api:Invoke', 's3:GetObject', 's3:ListBucket', 's3:PutObject'];
  const bySdk = allowed.filter((action) => !signedByUs.includes(action));
  // kms decrypts for the two stores of secrets, sts gives the role of `aws.role_arn`.
  expect(bySdk.toSorted()).toEqual([...calls(), 'kms:Decrypt', 'sts:AssumeRole'].toSorted());
  expect(allowed).toEqual(expect.arrayContaining(signedByUs));
});

test('what only an operator needs is not in the policy of the listener', () => {
  const listener = actionsOf('examples/iam-listener.json');
  expect(actionsOf('examples/iam-operator.json').filter((action) => listener.includes(action))).toEqual([]);
});

test('each statement of the policies is explained, and has no wildcard for an action', () => {
  const text = readText('docs/operations.md');
  for (const file of ['examples/iam-listener.json', 'examples/iam-operator.json']) {
    const policy: unknown = JSON.parse(readText(file));
    const statements = isRecord(policy) && Array.isArray(policy['Statement']) ? policy['Statement'] : [];
    expect(statements.length).toBeGreaterThan(0);
    for (const { Sid: sid } of statements) expect(text).toContain(`| \`${sid}\``);
    expect(actionsOf(file).filter((action) => action.includes('*'))).toEqual([]);
  }
});
