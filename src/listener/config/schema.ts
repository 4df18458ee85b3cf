import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import { MOST_SLOTS } from '../../approvals/slots.ts';
import { MAY } from './config.ts';
import {
  APP,
  APPROVER,
  CHANNEL,
  DURATION,
  ENTERPRISE,
  FROM_PIPELINE,
  HTTP_URL,
  ONE_SLASH,
  RATE,
  TEAM,
  USER,
} from './forms.ts';

// The shape of the configuration file. Input to the build: scripts/generate.ts makes the validator and the published JSON
// Schema from it; the listener imports only the types. What a schema cannot say is checked in cross-check.ts.

const closed = { additionalProperties: false } as const;
const text = (description: string) => Type.String({ minLength: 1, description });
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);
const formed = (pattern: string) => (description: string) => Type.String({ pattern, description });
const duration = formed(DURATION);
const url = formed(HTTP_URL);
const rate = formed(RATE);
const strings = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description });
const listOf = (pattern: string, description: string) =>
  Type.Array(Type.String({ pattern }), { minItems: 1, description });
const texts = (description: string) => Type.Record(Type.String(), Type.String(), { description });
const choice = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], description });
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });
/** One secret, or several while it is being rotated. */
const secrets = (description: string) =>
  Type.Unsafe<string | string[]>({
    type: ['string', 'array'],
    minLength: 1,
    minItems: 1,
    items: { type: 'string', minLength: 1 },
    description,
  });

const Server = Type.Object(
  {
    host: optional(text('Address to listen on; default `0.0.0.0`')),
    port: optional(whole(0, 65_535, 'Port for Slack and people; default `PORT` or 8080, 0 is any free one')),
    private_port: optional(
      whole(0, 65_535, 'Port that `/v1` and `/metrics` move to, off the public one; default: none'),
    ),
    public_url: optional(url('Address people and pipelines reach it at')),
    trusted_proxies: optional(
      strings('Addresses and networks (`10.0.0.0/8`) whose `x-forwarded-for` and `-proto` are believed'),
    ),
    shutdown_delay: optional(
      duration('How long it still accepts after SIGTERM while `/ready` says no; default `5s`, at most `15s`'),
    ),
    rate_limits: optional(
      Type.Object(
        {
          token: optional(rate('Requests with one token; default `3000/m`')),
          remote: optional(rate('Requests of one address without a valid token; default `600/m`')),
        },
        { ...closed, description: 'How much callers may ask, as `600/m`' },
      ),
    ),
  },
  { ...closed, description: 'Where it listens' },
);

const Store = Type.Object(
  {
    sqlite: optional(text('Path of the SQLite file; default `./listener.db`')),
    dynamodb: optional(
      Type.Object(
        {
          requests: text('Table of the records; default `DYNAMODB_TABLE_REQUESTS`'),
          projects: optional(
            text('Table of projects, for a later release; default `DYNAMODB_TABLE_PROJECTS`'),
          ),
        },
        { ...closed, description: 'DynamoDB tables, for several replicas' },
      ),
    ),
  },
  { ...closed, description: 'Where records are kept: `sqlite` (default) or `dynamodb`' },
);

const Slack = Type.Object(
  {
    bot_token: text('Bot token (`xoxb-…`) of the listener’s app; default `SLACK_BOT_TOKEN`'),
    signing_secret: optional(
      secrets('Signing secret of the app, or a list while it is rotated; default `SLACK_SIGNING_SECRET`'),
    ),
    app_token: optional(text('App-level token (`xapp-…`) for Socket Mode; default `SLACK_APP_TOKEN`')),
    team_id: optional(formed(TEAM)('The one workspace (`T…`) whose clicks count')),
    enterprise_id: optional(formed(ENTERPRISE)('The one organization (`E…`) whose clicks count')),
    api_url: optional(url('Web API address; default `https://slack.com/api/`')),
    custom_api: optional(
      Type.Boolean({ description: 'Allows an `api_url` on a host that is neither Slack’s nor loopback' }),
    ),
    mode: optional(choice(['http', 'socket', 'both'], 'How clicks arrive; default `http`')),
    pipeline_app: optional(
      Type.Object(
        {
          app_id: formed(APP)('Id (`A…`) of the app whose token pipelines hold'),
          signing_secret: secrets('Signing secret of that app, or a list while it is rotated'),
        },
        { ...closed, description: 'The pipelines’ app: from it only `actions` are accepted' },
      ),
    ),
  },
  { ...closed, description: 'The listener’s own Slack app' },
);

const Token = Type.Object(
  {
    name: text('Name of the holder, shown in logs and audit'),
    token: secrets('What `source.listener.token` sends, at least 16 characters; a list while it is rotated'),
    may: Type.Array(choice(MAY, 'An act'), {
      minItems: 1,
      description: 'What the holder may do; `link` and `graph` are for a later release',
    }),
    gates: optional(strings('Gates the holder may use: names, or patterns such as `main/*`; default none')),
    actions: optional(strings('Actions that the holder’s buttons may name; default none')),
    prefixes: optional(strings('Prefixes of the bucket that the holder may link to, with a later release')),
    max_open: optional(
      whole(1, MOST_SLOTS, 'How many requests the holder may have open at once, at all gates; default 20'),
    ),
  },
  closed,
);

const Gate = Type.Object(
  {
    approvers: Type.Unsafe<string | string[]>({
      type: ['string', 'array'],
      pattern: FROM_PIPELINE,
      minItems: 1,
      items: { type: 'string', pattern: APPROVER },
      description: 'Users (`U…`), user groups (`S…`), e-mails; or `from_pipeline`: the request names them',
    }),
    quorum: optional(whole(1, 100, 'How many must approve; default 1')),
    deny_quorum: optional(whole(1, 100, 'How many denials end it; default 1')),
    allow_self: optional(Type.Boolean({ description: 'Whether the requester may approve; default false' })),
    max_timeout: optional(duration('Longest time a request stays open; default `8h`')),
    on_timeout: optional(choice(['deny', 'approve'], 'What no decision means; default `deny`')),
    valid_for: optional(duration('How long an approval may be used; default `24h`')),
    use: optional(choice(['once', 'many'], '`once`: the first build to claim it wins (default)')),
    channels: optional(listOf(CHANNEL, 'Channel ids cards may go to, the first is the default; default any')),
    from: optional(strings('`team/pipeline` patterns that may ask; default any')),
    require_reason: optional(choice(['never', 'deny', 'always'], 'When a reason is asked; default `deny`')),
    unknown_requester: optional(
      choice(['raise', 'allow'], '`raise` (default): one vote more when nobody knows who asked'),
    ),
    max_open: optional(
      whole(1, MOST_SLOTS, 'How many requests may be open at once, of a pattern at each gate; default 50'),
    ),
    remind_every: optional(duration('How often the thread is reminded; default never')),
  },
  closed,
);

const Aws = Type.Object(
  {
    region: optional(text('Region; default `AWS_REGION`')),
    role_arn: optional(text('Role to assume from the SDK’s default chain')),
    external_id: optional(text('External id the role’s trust policy asks for')),
    endpoint: optional(url('Address of a VPC endpoint or an AWS-compatible server')),
    expect_identity: optional(
      text('Account or ARN (user, role) that must turn out to sign; else nothing is signed'),
    ),
  },
  { ...closed, description: 'AWS identity and region; default: the SDK’s chain' },
);

const Gateway = Type.Object(
  {
    url: url('API address with its stage; default `API_GATEWAY_URL`'),
    region: optional(text('Region of the API; default: the one its host names, else `aws.region`')),
    auth: optional(choice(['iam', 'none'], '`iam` (default) signs with SigV4, `none` is inside the VPC')),
    api_id: optional(text('Id of a private API behind the public name of its VPC endpoint')),
    headers: optional(texts('Headers of every call')),
    timeout: optional(duration('How long a call may take; default `29s`, at most `45s`')),
  },
  { ...closed, description: 'Services that buttons call' },
);

const scalars = (description: string) =>
  Type.Record(
    Type.String(),
    Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'] }),
    { description },
  );

const Call = Type.Object(
  {
    method: optional(
      choice(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], 'HTTP method; default `POST`'),
    ),
    path: formed(ONE_SLASH)('Path below `gateway.url`, a template'),
    query: optional(scalars('Query of the call; texts are templates')),
    headers: optional(texts('Headers of the call, templates')),
    body: optional(Type.Unsafe<unknown>({ description: 'JSON in which texts are templates' })),
    timeout: optional(duration('How long it may take; default `gateway.timeout`, at most `45s`')),
    expect: optional(
      Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
        minItems: 1,
        description: 'Statuses that are a success; default 200 to 299',
      }),
    ),
  },
  { ...closed, description: 'The call of `gateway` it makes' },
);

const Action = Type.Object(
  {
    allow: listOf(APPROVER, 'Users (`U…`), user groups (`S…`) and e-mails who may click'),
    channels: optional(listOf(CHANNEL, 'Channel ids the button works in; default any')),
    value: optional(
      Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        description: 'JSON Schema of the button’s value; default: no value',
      }),
    ),
    confirm: optional(text('Text of the dialog, a template such as `Deploy {{value.deployment}}?`')),
    once: optional(Type.Boolean({ description: 'Whether one button works once; default true' })),
    max_age: optional(duration('How long a button works; default `1d`')),
    rate: optional(
      rate('How often all users together may run it, as `5/m`, at most 500 in its time; default no limit'),
    ),
    call: Call,
  },
  closed,
);

const Webhook = Type.Object(
  {
    gate: text('Gate whose decisions poke it'),
    team: text('Team of the pipeline'),
    pipeline: text('Pipeline of the gate resource'),
    resource: text('The gate resource'),
    vars: optional(Type.Unsafe<Record<string, unknown>>({ type: 'object', description: 'Instance vars' })),
    token: text('Its `webhook_token`'),
  },
  closed,
);

export const ListenerFile = Type.Object(
  {
    role: optional(
      choice(
        ['all', 'intake', 'worker'],
        '`intake` takes requests, `worker` does what is due; default `all`',
      ),
    ),
    log: optional(
      Type.Object(
        {
          level: optional(choice(['debug', 'info', 'warn', 'error'], 'Least level written; default `info`')),
        },
        { ...closed, description: 'Log, JSON lines on stdout' },
      ),
    ),
    server: optional(Server),
    store: optional(Store),
    slack: optional(Slack),
    tokens: optional(Type.Array(Token, { minItems: 1, description: 'Who may use `/v1`' })),
    gates: optional(
      Type.Record(Type.String(), Gate, {
        description: 'Policy by name or pattern (`main/*`); an unknown gate is refused',
      }),
    ),
    people: optional(
      Type.Record(Type.String(), Type.String({ pattern: USER }), {
        description: 'Concourse or git name to Slack user, for the ban on self-approval',
      }),
    ),
    aws: optional(Aws),
    gateway: optional(Gateway),
    actions: optional(Type.Record(Type.String(), Action, { description: 'What a button may run, by name' })),
    concourse: optional(
      Type.Object(
        {
          url: url('Address of the Concourse web nodes'),
          webhooks: Type.Array(Webhook, { minItems: 1, description: 'Gate resources poked on a decision' }),
        },
        { ...closed, description: 'Concourse’s check webhooks' },
      ),
    ),
    audit: optional(
      Type.Object(
        {
          key: text('Key of the audit chain, at least 32 characters, kept outside the store'),
          manifest: optional(
            Type.Object(
              {
                file: optional(text('File that lines are added to, on a disk of its own')),
                bucket: optional(text('S3 bucket, best with Object Lock and a default retention')),
                prefix: optional(text('Begin of the keys, such as `audit/`; default none')),
                every: optional(duration('How often; default `1h`')),
              },
              { ...closed, description: 'Signed lists of the ends of all chains, kept apart from the store' },
            ),
          ),
        },
        { ...closed, description: 'The chained audit' },
      ),
    ),
  },
  { ...closed, title: 'configuration of the listener' },
);
export type ListenerFile = Static<typeof ListenerFile>;
