import type { Workspace } from './start.ts';

/** The `source` of a pipeline's resource that talks to this workspace. */
export function sourceOf(workspace: Workspace) {
  return {
    channel: `#${workspace.channel}`,
    prefix: 'slack-content/',
    slack: { token: workspace.token, api_url: workspace.slackApiUrl },
    aws: {
      region: workspace.region,
      access_key_id: workspace.accessKeyId,
      secret_access_key: workspace.secretAccessKey,
      endpoint: workspace.s3Url,
    },
    s3: { bucket: workspace.bucket, path_style: true },
  };
}

/** The section `slack` of a listener's configuration for this workspace. */
export function listenerSectionOf({ slack }: Workspace) {
  const { listener, pipelines } = slack.apps;
  return {
    slack: {
      bot_token: listener.token,
      signing_secret: listener.signingSecret,
      api_url: slack.apiUrl,
      pipeline_app: { app_id: pipelines.id, signing_secret: pipelines.signingSecret },
    },
  };
}

/** The `source` as environment variables, for programs that read those. */
export function environmentOf(workspace: Workspace): Readonly<Record<string, string>> {
  return {
    SLACK_BOT_TOKEN: workspace.token,
    SLACK_API_URL: workspace.slackApiUrl,
    AWS_REGION: workspace.region,
    AWS_ACCESS_KEY_ID: workspace.accessKeyId,
    AWS_SECRET_ACCESS_KEY: workspace.secretAccessKey,
    AWS_ENDPOINT_URL_S3: workspace.s3Url,
    S3_BUCKET: workspace.bucket,
    S3_PREFIX: 'slack-content/',
  };
}
