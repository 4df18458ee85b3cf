import { expect, onTestFinished, test } from 'vitest';
import { mockConcourse } from './mock-concourse.ts';
import { serveWebhooks } from './serve-webhooks.ts';
import type { WebhookServer } from './serve-webhooks.ts';

const PIPELINE = `
resources:
- { name: gate, type: mock, source: { record: ((record)) }, webhook_token: ((webhook)), check_every: never }
- { name: other, type: mock, source: { id: other } }
jobs: [{ name: deploy, plan: [{ get: gate, trigger: true }, { put: other }] }]`;

async function serve(
  instanceVars?: Record<string, unknown>,
): Promise<[WebhookServer, ReturnType<typeof mockConcourse>]> {
  const concourse = mockConcourse(PIPELINE, {
    vars: { webhook: 'poke' },
    ...(instanceVars ? { instanceVars } : {}),
  });
  const webhooks = await serveWebhooks(concourse);
  onTestFinished(() => webhooks.close());
  return [webhooks, concourse];
}

const path = (resource: string, query: string): string =>
  `/api/v1/teams/main/pipelines/app/resources/${resource}/check/webhook${query}`;

async function post(webhooks: WebhookServer, pathAndQuery: string): Promise<number> {
  const response = await fetch(webhooks.url + pathAndQuery, { method: 'POST' });
  await response.text();
  return response.status;
}

test('the right token checks the resource at once, and the job becomes due (1.6)', async () => {
  const [webhooks, concourse] = await serve();
  expect(await post(webhooks, path('gate', '?webhook_token=poke'))).toBe(201);
  const [run] = await webhooks.settled();
  expect(run).toMatchObject({ resource: 'gate', status: 'succeeded' });
  expect(concourse.dueJobs()).toEqual(['deploy']);
});

test.each([
  ['no token', path('gate', ''), 400],
  ['a wrong token', path('gate', '?webhook_token=x'), 401],
  ['a resource without a token', path('other', '?webhook_token=x'), 401],
  ['an unknown resource', path('ghost', '?webhook_token=poke'), 404],
  ['another team', path('gate', '?webhook_token=poke').replace('main', 'them'), 404],
])('%s checks nothing (1.6)', async (_, pathAndQuery, status) => {
  const [webhooks, concourse] = await serve();
  expect(await post(webhooks, pathAndQuery)).toBe(status);
  expect(await webhooks.settled()).toEqual([]);
  expect(concourse.runs()).toEqual([]);
});

test('an instanced pipeline is found by its JSON-quoted vars only (C14)', async () => {
  const [webhooks] = await serve({ env: 'prod' });
  expect(await post(webhooks, path('gate', '?webhook_token=poke'))).toBe(404);
  expect(await post(webhooks, path('gate', '?webhook_token=poke&vars.env=prod'))).toBe(404);
  expect(await post(webhooks, path('gate', '?webhook_token=poke&vars.env=%22prod%22'))).toBe(201);
});

test('the token stands in the query string, where anyone who logs addresses sees it (C27)', async () => {
  const [webhooks] = await serve();
  await post(webhooks, path('gate', '?webhook_token=x'));
  expect(webhooks.requests).toEqual([`POST ${path('gate', '?webhook_token=x')}`]);
});
