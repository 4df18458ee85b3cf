import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';

// The shapes of source and params. Input to the build: scripts/generate.ts makes the validators and the published JSON
// Schemas from these; the steps import only the types. What a schema cannot say is checked in source, params and check-message.

const closed = { additionalProperties: false } as const;
const text = (description: string) => Type.String({ minLength: 1, description });
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);
const duration = (description: string) => Type.String({ format: 'duration', description });
const size = (description: string) =>
  Type.Unsafe<string | number>({ type: ['string', 'integer'], format: 'size', minimum: 1, description });
const strings = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description });
const scalarMap = (description: string) =>
  Type.Record(
    Type.String(),
    Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'] }),
    { description },
  );
const fileMap = (description: string) =>
  Type.Record(Type.String(), Type.String({ minLength: 1 }), { description });
const choice = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], description });

export const SlackSource = Type.Object(
  {
    token: text('Bot token (`xoxb-…`) of the app that posts'),
    api_url: optional(
      Type.String({ format: 'http-url', description: 'Web API address; default `https://slack.com/api/`' }),
    ),
    custom_api: optional(
      Type.Boolean({ description: 'Allows an `api_url` on a host that is neither Slack’s nor loopback' }),
    ),
  },
  { ...closed, description: 'Slack connection' },
);

export const AwsSource = Type.Object(
  {
    region: optional(text('Region of the bucket, for example `eu-west-1`')),
    access_key_id: optional(text('Access key; without it the SDK’s default chain is used')),
    secret_access_key: optional(text('Secret of the access key')),
    session_token: optional(text('Session token of temporary keys')),
    role_arn: optional(
      text('Role to assume, with the keys, the default chain, or `params.aws.web_identity_token`'),
    ),
    external_id: optional(text('External id the role’s trust policy asks for')),
    session_name: optional(text('Role session name; default from team, pipeline and build')),
    endpoint: optional(
      Type.String({
        format: 'http-url',
        description: 'Address of an S3-compatible server or VPC endpoint, for S3 and STS',
      }),
    ),
  },
  { ...closed, description: 'AWS identity and region; default: the SDK’s chain' },
);

export const S3Source = Type.Object(
  {
    bucket: text('Bucket of the artifacts'),
    expires_in: optional(duration('How long links work, at most 7 days; default `24h`')),
    public_endpoint: optional(
      Type.String({
        format: 'http-url',
        description: 'Host that links name when readers reach S3 by another address',
      }),
    ),
    path_style: optional(Type.Boolean({ description: 'Bucket in the path, for S3-compatible servers' })),
    max_size: optional(size('Largest object that is posted; default `1GB`')),
    allowed_types: optional(
      strings('Media types that may be posted, such as `application/pdf` or `image/*`; default all'),
    ),
  },
  { ...closed, description: 'Bucket, and what may be posted from it' },
);

export const GatewaySource = Type.Object(
  {
    url: Type.String({ format: 'http-url', description: 'API address with its stage' }),
    region: optional(text('Region of the API; default: the one its host names, else `aws.region`')),
    api_id: optional(text('Id of a private API whose VPC endpoint `url` names; sent as `x-apigw-api-id`')),
    auth: optional(choice(['iam', 'none'], '`iam` signs with SigV4, `none` is for services inside the VPC')),
    headers: optional(Type.Record(Type.String(), Type.String(), { description: 'Headers of every call' })),
    timeout: optional(duration('How long a call may take; default `29s`')),
  },
  { ...closed, description: 'Services behind API Gateway' },
);

export const ListenerSource = Type.Object(
  {
    url: Type.String({ format: 'http-url', description: 'Address of the companion listener' }),
    token: text('Token of this pipeline at the listener'),
  },
  { ...closed, description: 'Companion listener' },
);

export const EMITTED = ['approved', 'denied', 'timed_out', 'withdrawn'] as const;

export const Source = Type.Object(
  {
    channel: optional(text('Default channel, name or id')),
    prefix: optional(text('Folder of the bucket that S3 keys are relative to and cannot leave; ends in `/`')),
    gate: optional(text('Makes this a gate resource')),
    emit: optional(
      Type.Array(choice(EMITTED, 'A decision'), {
        minItems: 1,
        description: 'Decisions that `check` reports; default `[approved]`',
      }),
    ),
    slack: optional(SlackSource),
    aws: optional(AwsSource),
    s3: optional(S3Source),
    gateway: optional(GatewaySource),
    listener: optional(ListenerSource),
  },
  { ...closed, title: 'source of a concourse-slack-aws resource' },
);
export type Source = Static<typeof Source>;

const webIdentity = {
  aws: optional(
    Type.Object(
      {
        web_identity_token: optional(
          text('Identity token of the pipeline (`((id:token))`), for `source.aws.role_arn`'),
        ),
      },
      { ...closed, description: 'Keyless AWS' },
    ),
  ),
};

export const Artifact = Type.Object(
  {
    key: optional(text('S3 key, relative to `source.prefix`; with `file`, where the file is stored')),
    key_file: optional(
      text('File with an S3 key or an `s3://` address, such as `report/s3_uri` of the s3 resource'),
    ),
    file: optional(text('File of the build, or a glob')),
    graph: optional(text('Named CloudWatch graph, drawn by the listener')),
    range: optional(duration('Time range of the graph')),
    as: optional(
      choice(
        ['link', 'upload', 'image'],
        'How it is posted; default: images as image, up to 5 MB as upload, else link',
      ),
    ),
    title: optional(text('Title shown; default the file name')),
    alt: optional(text('Description of an image for those who do not see it')),
    expires_in: optional(duration('How long this link works')),
    version_id: optional(text('Version of the object in a versioned bucket')),
    via: optional(choice(['listener'], 'A short link that signs at the click')),
  },
  { ...closed, description: 'One S3 object, file or graph' },
);
export type Artifact = Static<typeof Artifact>;

export const Button = Type.Object(
  {
    text: text('Label, at most 75 characters'),
    url: optional(text('Address to open')),
    action: optional(text('Action of the listener to run')),
    value: optional(Type.Unsafe<unknown>({ description: 'What the action receives' })),
    style: optional(choice(['primary', 'danger'], 'Colour')),
  },
  { ...closed, description: 'A button with a `url` or an `action`' },
);
export type Button = Static<typeof Button>;

const companions = {
  channel: optional(text('Channel name or id; default `source.channel`')),
  vars: optional(scalarMap('Values for `{{name}}`, treated as untrusted')),
  vars_files: optional(fileMap('Files whose content is a value for `{{name}}`')),
  mention: optional(
    strings('People to notify: `@here`, `@channel`, an e-mail, a user id or a user group id'),
  ),
  artifacts: optional(Type.Array(Artifact, { minItems: 1, description: 'S3 objects and files to post' })),
};

export const MessageParams = Type.Object(
  {
    text: optional(text('Text of the message')),
    text_file: optional(text('File with the text, taken as it is')),
    format: optional(choice(['mrkdwn', 'plain'], 'How the text is shown; default `mrkdwn`')),
    blocks: optional(Type.Array(Type.Unsafe<unknown>({}), { minItems: 1, description: 'Block Kit blocks' })),
    blocks_file: optional(text('File with Block Kit blocks, JSON or YAML')),
    ...companions,
    channels: optional(strings('Several channels, one message in each')),
    channel_file: optional(text('File with the channel')),
    buttons: optional(
      Type.Array(Button, { minItems: 1, maxItems: 25, description: 'Buttons below the message' }),
    ),
    thread_from: optional(text('Folder of an earlier get: reply to that message')),
    thread: optional(
      Type.String({ pattern: '^\\d{10}\\.\\d{6}$', description: 'Timestamp of the parent message' }),
    ),
    broadcast: optional(Type.Boolean({ description: 'Also show the reply in the channel' })),
    update_from: optional(text('Folder of an earlier get: rewrite that message')),
    update: optional(
      Type.String({ pattern: '^\\d{10}\\.\\d{6}$', description: 'Timestamp of the message to rewrite' }),
    ),
    delete_from: optional(text('Folder of an earlier get: delete that message')),
    react: optional(
      Type.String({
        pattern: '^:?[a-z0-9_+\\-]+(?:::skin-tone-[2-6])?:?$',
        description: 'Emoji to react with',
      }),
    ),
    on_error: optional(
      choice(['fail', 'warn'], '`warn`: Slack’s troubles never fail the build; default `fail`'),
    ),
    dry_run: optional(Type.Boolean({ description: 'Prints the payload, sends nothing' })),
    ...webIdentity,
  },
  { ...closed, title: 'params of a put that sends a message' },
);
export type MessageParams = Static<typeof MessageParams>;

export const ApprovalParams = Type.Object(
  {
    approval: Type.Object(
      {
        gate: optional(text('Gate to ask at; default `source.gate`')),
        title: text('The question'),
        details: optional(text('What approvers should know')),
        details_file: optional(text('File with the details')),
        context: optional(scalarMap('What is approved; comes back with the decision')),
        context_files: optional(fileMap('Files whose content is a value of the context')),
        subject: optional(text('A newer request on the same subject withdraws older ones')),
        supersede: optional(Type.Boolean({ description: 'Whether it does; default true' })),
        approvers: optional(strings('Users, user groups, e-mails; can only narrow the gate’s')),
        quorum: optional(
          Type.Integer({ minimum: 1, description: 'How many must approve; can only raise the gate’s' }),
        ),
        timeout: optional(duration('How long the request stays open')),
        require_reason: optional(choice(['never', 'deny', 'always'], 'When a reason must be given')),
        not_by: optional(strings('Users who may not approve')),
        not_by_files: optional(strings('Files that name users who may not approve')),
        remind_every: optional(duration('How often to remind')),
        wait: optional(
          Type.Boolean({ description: 'true: this put is the gate; false: the decision arrives by check' }),
        ),
        key: optional(text('Idempotency key')),
        abandon_after: optional(
          duration('How long after the put has gone the request is withdrawn; default `2m`'),
        ),
      },
      { ...closed, description: 'The request' },
    ),
    ...companions,
    ...webIdentity,
  },
  { ...closed, title: 'params of a put that asks for an approval' },
);
export type ApprovalParams = Static<typeof ApprovalParams>;

export const ClaimParams = Type.Object(
  {
    claim: text('Folder of the decision'),
    gate: optional(text('Gate of the decision; default `source.gate`')),
    expect: optional(scalarMap('What the decision must be about')),
    expect_files: optional(fileMap('Files whose content the decision must be about')),
    ...webIdentity,
  },
  { ...closed, title: 'params of a put that claims a decision' },
);
export type ClaimParams = Static<typeof ClaimParams>;

type Scalar = string | number | boolean;
const scalar = { type: ['string', 'number', 'boolean'] };
const query = Type.Record(
  Type.String(),
  Type.Unsafe<Scalar | Scalar[]>({ ...scalar, type: [...scalar.type, 'array'], items: scalar }),
  { description: 'Query; a list gives a name several times' },
);

export const Call = Type.Object(
  {
    method: optional(choice(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], 'HTTP method; default `GET`')),
    path: Type.String({ pattern: '^/(?!/)', description: 'Path below `gateway.url`' }),
    query: optional(query),
    headers: optional(Type.Record(Type.String(), Type.String(), { description: 'Headers of this call' })),
    body: optional(Type.Unsafe<unknown>({ description: 'JSON body' })),
    body_file: optional(text('File with the body')),
    timeout: optional(duration('How long the call may take')),
    expect: optional(
      Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
        minItems: 1,
        description: 'Statuses that are a success',
      }),
    ),
    retry: optional(choice(['safe', 'never'], '`safe`: repeat only what may be repeated')),
    idempotency_key: optional(text('Sent with the call, makes it repeatable')),
    save_to: optional(text('S3 key the answer is stored at')),
    poll: optional(
      Type.Object(
        {
          path: Type.String({ pattern: '^/(?!/)' }),
          json: text('Where the state stands in the answer'),
          equals: text('The state to wait for'),
          failed: optional(strings('States that mean failure')),
          every: optional(duration('Pause between two looks')),
          timeout: optional(duration('How long to wait in all')),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'The call' },
);

export const CallParams = Type.Object(
  { call: Call, vars: companions.vars, vars_files: companions.vars_files, ...webIdentity },
  { ...closed, title: 'params of a put that calls a service' },
);
export type CallParams = Static<typeof CallParams>;

export const GetParams = Type.Object(
  {
    permalink: optional(Type.Boolean({ description: 'Also write the message’s permalink' })),
    call: optional(Call),
    ...webIdentity,
  },
  { ...closed, title: 'params of a get' },
);
export type GetParams = Static<typeof GetParams>;

/** Every published schema by the name of its file in assets/schema. */
export const schemas = {
  source: Source,
  message: MessageParams,
  approval: ApprovalParams,
  claim: ClaimParams,
  call: CallParams,
  get: GetParams,
} as const;
