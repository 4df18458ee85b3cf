import type { Http } from '../kit/http.ts';
import type { Log } from '../kit/log.ts';
import type { Secret } from '../kit/secret.ts';

/** The check webhook of one gate resource. */
export interface Webhook {
  readonly gate: string;
  readonly team: string;
  readonly pipeline: string;
  readonly resource: string;
  /** Of an instanced pipeline. */
  readonly vars: Readonly<Record<string, unknown>>;
  readonly token: Secret;
}

export interface PokePorts {
  readonly http: Http;
  readonly log: Log;
  /** Told what Concourse answered. */
  readonly poked: (outcome: 'accepted' | 'refused' | 'failed') => void;
}

/**
 * Asks Concourse to check the resources of a gate now (concourse.md 1.6): their checks would come by themselves, only later.
 * What Concourse refuses is logged, what fails is rejected, for another try. The token is of little worth, and proof of
 * nothing (C27).
 */
export function createPoke(
  url: string,
  webhooks: readonly Webhook[],
  ports: PokePorts,
): (gate: string, signal: AbortSignal) => Promise<void> {
  const base = new URL(url);
  const one = async (hook: Webhook, signal: AbortSignal): Promise<void> => {
    const name = `${hook.team}/${hook.pipeline}/${hook.resource}`;
    const path = `${base.pathname.replace(/\/$/, '')}${pathOf(hook)}`;
    try {
      const answer = await ports.http({
        method: 'POST',
        origin: base.origin,
        path,
        headers: { 'content-length': '0' },
        idleMs: 15_000,
        signal,
      });
      answer.body.resume();
      if (answer.status < 300) return ports.poked('accepted');
      if (answer.status < 500) {
        ports.poked('refused');
        return ports.log.warn(`Concourse refused the webhook of ${name}: HTTP ${answer.status}`);
      }
      throw new Error(`the webhook of ${name} answered HTTP ${answer.status}`);
    } catch (error) {
      ports.poked('failed');
      throw error;
    }
  };
  return async (gate, signal) => {
    const hooks = webhooks.filter((hook) => hook.gate === gate);
    const ends = await Promise.allSettled(hooks.map((hook) => one(hook, signal)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
}

// Vars of an instanced pipeline are JSON, each of its own (C14).
function pathOf({ team, pipeline, resource, vars, token }: Webhook): string {
  const [at, of, what] = [team, pipeline, resource].map(encodeURIComponent);
  const query = [
    `webhook_token=${encodeURIComponent(token.reveal())}`,
    ...Object.entries(vars).map(
      ([name, value]) => `vars.${encodeURIComponent(name)}=${encodeURIComponent(JSON.stringify(value))}`,
    ),
  ].join('&');
  return `/api/v1/teams/${at}/pipelines/${of}/resources/${what}/check/webhook?${query}`;
}
