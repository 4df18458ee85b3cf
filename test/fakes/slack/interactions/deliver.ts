import type { RequestUrls, SlackApp } from '../apps.ts';
import type { Acknowledgement, SignedRequest } from './post-signed.ts';
import { postSigned, signedRequest } from './post-signed.ts';

/** What Slack has to tell an app. */
export interface Notice {
  readonly kind: 'interactive' | 'slash_commands' | 'events_api';
  readonly payload: Readonly<Record<string, unknown>>;
  /** As posted; a socket gets the payload itself. */
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How to post it otherwise than Slack would. */
export interface Tampering {
  readonly url?: string | undefined;
  readonly secret?: string | undefined;
  /** Seconds since the epoch, or anything else as it shall stand in the header. */
  readonly timestamp?: string | number | undefined;
  readonly signature?: string | undefined;
  /** Replaces headers; an empty string removes one. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Delivery extends Acknowledgement {
  /** What was posted; undefined when it went through a socket. */
  readonly request: SignedRequest | undefined;
}

const settings: Readonly<Record<Notice['kind'], keyof RequestUrls>> = {
  interactive: 'interactions',
  slash_commands: 'commands',
  events_api: 'events',
};

/** Posts a notice to the app's own address, signed with the app's own secret, and waits for the acknowledgement. */
export async function postNotice(
  app: SlackApp,
  notice: Notice,
  given: Tampering & { readonly now: number; readonly ackWithinMs: number },
): Promise<Delivery> {
  const url = given.url ?? app.urls[settings[notice.kind]];
  if (url === undefined)
    throw new Error(
      `the app ${app.name} has no address for ${notice.kind}: call setRequestUrl('${app.id}', …), or setSocketMode`,
    );
  const request = tampered(
    signedRequest(url, {
      secret: given.secret ?? app.signingSecret,
      timestamp: String(given.timestamp ?? Math.floor(given.now / 1000)),
      body: notice.body,
      ...(notice.kind === 'events_api' ? { type: 'application/json' } : {}),
    }),
    {
      ...notice.headers,
      ...given.headers,
      ...(given.signature === undefined ? {} : { 'x-slack-signature': given.signature }),
    },
  );
  return { ...(await postSigned(request, given.ackWithinMs)), request };
}

function tampered(request: SignedRequest, changes: Readonly<Record<string, string>>): SignedRequest {
  const headers = Object.entries({ ...request.headers, ...changes }).filter(([, value]) => value !== '');
  return { ...request, headers: Object.fromEntries(headers) };
}
