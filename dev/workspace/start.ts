import type { RequestListener } from 'node:http';
import { createEmulator } from 'emulate';
import { startFakeSlack } from '../../test/fakes/slack/server.ts';
import type { FakeSlack } from '../../test/fakes/slack/server.ts';
import { createAct } from './act.ts';
import { createChanges } from './changes.ts';
import { closeServer, listenOnLoopback } from './loopback.ts';
import { bundlePage } from './page-assets.ts';
import { answerRequest } from './routes.ts';
import { awsSeed, GROUP, PEOPLE, seedChannels, STORAGE, TOKEN } from './seed.ts';

export interface WorkspaceOptions {
  /** Of the page. Default: chosen by the system. */
  readonly port?: number;
  /** More channels beside `releases`, without `#`. */
  readonly channels?: readonly string[];
  /** How long an app may take to answer a click; default 3000 ms, Slack's own. */
  readonly ackWithinMs?: number;
}

export interface Workspace {
  /** The page to open in a browser. */
  readonly url: string;
  /** For `source.slack.api_url`; ends in `/api/`. */
  readonly slackApiUrl: string;
  /** For `source.aws.endpoint`, with path-style addresses. */
  readonly s3Url: string;
  /** The channel's name, without `#`, that the page opens first. */
  readonly channel: string;
  /** Its id. */
  readonly channelId: string;
  /** The bot token of the app that posts. */
  readonly token: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Slack itself: apps and their secrets, who clicks, faults. */
  readonly slack: FakeSlack;
  stop(): Promise<void>;
}

const CHANNEL = 'releases';

/**
 * Starts a Slack workspace and an S3 of one's own, with a page that shows the channels and takes clicks: all on loopback, all
 * in memory. Rejects when the asked port is taken.
 */
export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const assets = await bundlePage();
  const channels = seedChannels([CHANNEL, ...(options.channels ?? [])]);
  // Permalinks lead to the page: its port comes first.
  let answer: RequestListener = (_, response) => void response.writeHead(503).end();
  const page = await listenOnLoopback((...both) => answer(...both), options.port ?? 0);
  const slack = await startSlack(channels, page.url, options);
  const aws = await createEmulator({ service: 'aws', port: 0, seed: awsSeed() });
  const changes = createChanges();
  slack.onChange(() => changes.announce());
  answer = answerRequest({ slack, act: createAct(slack), assets, changes, channels });

  return {
    url: page.url,
    slackApiUrl: slack.apiUrl,
    s3Url: `http://127.0.0.1:${new URL(aws.url).port}`,
    channel: CHANNEL,
    channelId: channels[0]?.id ?? '',
    token: TOKEN,
    ...STORAGE,
    slack,
    async stop() {
      await Promise.all([closeServer(page.server), slack.close(), aws.close()]);
    },
  };
}

function startSlack(
  channels: ReturnType<typeof seedChannels>,
  webUrl: string,
  { ackWithinMs }: WorkspaceOptions,
): Promise<FakeSlack> {
  return startFakeSlack({
    webUrl,
    token: TOKEN,
    channels: channels.map(({ id, name }) => ({ id, name, member: true })),
    users: PEOPLE.map(({ id, name, realName, ...more }) => ({
      id,
      name,
      realName,
      email: `${name}@example.com`,
      restricted: 'restricted' in more,
    })),
    groups: { [GROUP.id]: GROUP.users },
    // A page is told of requests, not of time: a file is there as soon as its upload is completed.
    readyAfterMs: 0,
    shareAfterMs: 0,
    ...(ackWithinMs !== undefined && { ackWithinMs }),
  });
}
