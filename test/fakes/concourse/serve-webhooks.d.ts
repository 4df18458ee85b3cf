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
/** Serves `POST …/resources/R/check/webhook?webhook_token=…` of a pipeline on loopback (concourse.md 1.6). */
export declare function serveWebhooks(concourse: Concourse): Promise<WebhookServer>;
