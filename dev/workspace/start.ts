import { createEmulator } from 'emulate';
import { createChanges } from './changes.ts';
import { closeServer, listenOnLoopback } from './loopback.ts';
import { bundlePage } from './page-assets.ts';
import { answerRequest } from './routes.ts';
import { APP, awsSeed, slackSeed, STORAGE } from './seed.ts';

export interface WorkspaceOptions {
  /** Of the page. Default: chosen by the system. */
  readonly port?: number;
  /** More channels beside `releases`, without `#`. */
  readonly channels?: readonly string[];
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
  /** The bot token of the app that posts. */
  readonly token: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  stop(): Promise<void>;
}

const CHANNEL = 'releases';

/**
 * Starts a Slack workspace and an S3 of one's own, with a page that shows the channels: all on loopback, all in memory.
 * Rejects when the asked port is taken.
 */
export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const assets = await bundlePage();
  const channels = [CHANNEL, ...(options.channels ?? [])];
  const slack = await createEmulator({ service: 'slack', port: 0, seed: slackSeed(channels) });
  const aws = await createEmulator({ service: 'aws', port: 0, seed: awsSeed() });
  const parts = { slackUrl: slack.url, assets, changes: createChanges(), channel: CHANNEL };
  const stopServices = () => Promise.all([slack.close(), aws.close()]);
  const page = await listenOnLoopback(answerRequest(parts), options.port ?? 0).catch(
    async (error: unknown) => {
      await stopServices();
      throw error;
    },
  );

  return {
    url: page.url,
    slackApiUrl: `${page.url}/api/`,
    s3Url: `http://127.0.0.1:${new URL(aws.url).port}`,
    channel: CHANNEL,
    token: APP.token,
    ...STORAGE,
    async stop() {
      await Promise.all([closeServer(page.server), stopServices()]);
    },
  };
}
