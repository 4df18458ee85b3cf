import { listen } from '../http/listen.ts';
import { instanceVarsQuery } from './build-env.ts';
import type { Concourse } from './concourse.ts';
import type { CheckRun } from './run-check.ts';

export interface WebhookServer {
  /** The external URL to give to whoever pokes the webhook. */
  readonly url: string;
  /** Method, path and query of every request, the token included. */
  readonly requests: readonly string[];
  /** The checks that webhooks started, once all have ended. */
  settled(): Promise<CheckRun[]>;
  close(): Promise<void>;
}

const PATH = /^\/api\/v1\/teams\/([^/]+)\/pipelines\/([^/]+)\/resources\/([^/]+)\/check\/webhook$/;

/** Serves `POST …/resources/R/check/webhook?webhook_token=…` of a pipeline on loopback (concourse.md 1.6). */
export async function serveWebhooks(concourse: Concourse): Promise<WebhookServer> {
  const requests: string[] = [];
  const checks: Promise<CheckRun>[] = [];
  const server = await listen((request, response) => {
    const url = new URL(request.url ?? '/', 'http://concourse');
    requests.push(`${request.method ?? ''} ${url.pathname}${url.search}`);
    const resource = findResource(concourse, url);
    const status = request.method === 'POST' ? judge(concourse, resource, url.searchParams) : 405;
    if (status !== 201 || resource === undefined) {
      response.writeHead(status).end();
      return;
    }
    checks.push(concourse.check(resource));
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: checks.length, name: 'check', status: 'started' }));
  });
  return {
    url: server.origin,
    requests,
    settled: () => Promise.all(checks),
    close: () => server.close(),
  };
}

/** 404 for an unknown team, pipeline, instance or resource; 400 without a token; 401 with a wrong one. */
function judge(concourse: Concourse, resource: string | undefined, query: URLSearchParams): number {
  const token = query.get('webhook_token') ?? '';
  if (token === '') return 400;
  if (resource === undefined) return 404;
  return concourse.webhookToken(resource) === token ? 201 : 401;
}

function findResource(concourse: Concourse, url: URL): string | undefined {
  const { identity, pipeline } = concourse.platform;
  const [team, pipelineName, resource] = (PATH.exec(url.pathname) ?? []).slice(1).map(decodeURIComponent);
  if (team !== identity.team || pipelineName !== identity.pipeline) return undefined;
  // an instanced pipeline is addressed by its JSON-quoted vars (C14)
  const wanted = instanceVarsQuery(identity.instanceVars ?? {}, 'vars');
  const given = [...url.searchParams].filter(([key]) => key.startsWith('vars.'));
  if (given.length !== wanted.length) return undefined;
  if (wanted.some(([key, value]) => url.searchParams.get(key) !== value)) return undefined;
  return pipeline.resources.find(({ name }) => name === resource)?.name;
}
