// The package export `./s3`: S3 objects in Slack, for use from TypeScript.
import { systemClock } from './kit/clock.ts';
import { createHttp } from './kit/http.ts';
import { silentLog } from './kit/log.ts';
import { Secret } from './kit/secret.ts';
import { isSlackImage, mediaTypeOfObject } from './s3/media-type.ts';
import { openBucket } from './s3/objects.ts';
import { presignLink } from './s3/presign.ts';
import { createSlack } from './slack/client.ts';
import { imageBlockOf, linkBlockOf } from './slack/message.ts';
import { readyImage, shareFiles } from './slack/share.ts';
import { uploadBytes } from './slack/upload.ts';
import { Fault } from './kit/fault.ts';

export { Fault } from './kit/fault.ts';

/** An object, and the credentials that may read it. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
  readonly region: string;
  readonly endpoint?: string;
  readonly pathStyle?: boolean;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
    readonly expiration?: Date;
  };
}

export interface SlackApp {
  readonly token: string;
  /** Default `https://slack.com/api/`. */
  readonly apiUrl?: string;
}

/** A Block Kit block, to be put into `blocks` of a message. */
export type Block = Readonly<Record<string, unknown>>;

/** A section block whose title is a time-limited link; asks S3 whether the object is there. Throws Fault. */
export async function linkBlock(
  object: S3Object,
  options: { readonly title?: string; readonly seconds?: number; readonly publicEndpoint?: string } = {},
): Promise<Block> {
  const { address, credentials, objects } = open(object);
  const { size, contentType } = await objects.head(object.key, object.versionId);
  const fileName = nameOf(object);
  const request = {
    key: object.key,
    versionId: object.versionId,
    fileName,
    contentType: mediaTypeOfObject(contentType, fileName),
    seconds: options.seconds ?? 86_400,
  };
  const publicAddress =
    options.publicEndpoint === undefined ? address : { ...address, endpoint: options.publicEndpoint };
  const { url, expiresAt } = presignLink(publicAddress, credentials, request, systemClock.now());
  return linkBlockOf({ title: options.title ?? fileName, fileName, size, url, expiresAt });
}

/** Uploads an image unseen, waits until Slack can show it, and returns the image block that shows it. Throws Fault. */
export async function imageBlock(
  object: S3Object,
  slack: SlackApp,
  options: { readonly title?: string; readonly alt?: string } = {},
): Promise<Block> {
  const { ports, fileId, fileName } = await upload(object, slack, (type) => {
    if (isSlackImage(type)) return;
    throw new Fault('TYPE_REFUSED', `${object.key} is ${type}, Slack shows png, jpeg and gif`, {
      hint: 'use uploadToSlack',
    });
  });
  const title = options.title ?? fileName;
  if (await readyImage({ id: fileId, title }, ports))
    return imageBlockOf({ title, alt: options.alt ?? title, fileId });
  throw new Fault('SLACK_FAILED', `Slack has not made ${fileName} ready in time`, {
    hint: 'use linkBlock instead; the app needs files:read',
  });
}

/** Uploads an object into a channel (its id) or a thread of it, and returns the message's ts once Slack shows it. Throws Fault. */
export async function uploadToSlack(
  object: S3Object,
  slack: SlackApp,
  target: {
    readonly channel: string;
    readonly thread?: string;
    readonly title?: string;
    readonly comment?: string;
  },
): Promise<{ readonly fileId: string; readonly ts: string | undefined }> {
  const { ports, fileId, fileName } = await upload(object, slack);
  const ts = await shareFiles([{ id: fileId, title: target.title ?? fileName }], target, ports);
  return { fileId, ts };
}

async function upload(object: S3Object, app: SlackApp, checkType: (type: string) => void = () => undefined) {
  const { objects, http } = open(object);
  const fileName = nameOf(object);
  const { size, contentType } = await objects.head(object.key, object.versionId);
  checkType(mediaTypeOfObject(contentType, fileName));
  const apiUrl = (app.apiUrl ?? 'https://slack.com/api').replace(/\/?$/, '/');
  const base = { http, clock: systemClock, log: silentLog };
  const ports = { ...base, slack: createSlack({ token: new Secret(app.token), apiUrl }, base), apiUrl };
  const file = {
    name: fileName,
    size,
    open: async () => {
      const { stream, size: length, unreadable } = await objects.get(object.key, object.versionId);
      return { stream, length, unreadable };
    },
  };
  return { ports, fileName, fileId: await uploadBytes(file, ports) };
}

function open({ bucket, region, endpoint, pathStyle, credentials: given }: S3Object) {
  const http = createHttp(process.env);
  const address = { bucket, region, endpoint, pathStyle };
  const credentials = { ...given, expiresAt: given.expiration?.getTime() };
  return {
    http,
    address,
    credentials,
    objects: openBucket(address, { http, clock: systemClock, credentials }),
  };
}

function nameOf({ key }: S3Object): string {
  return key.split('/').findLast((part) => part !== '') ?? key;
}
