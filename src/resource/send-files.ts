import { Fault } from '../kit/fault.ts';
import type { ImagePart, LinkPart } from '../slack/message.ts';
import { slackErrorOf } from '../slack/refusal.ts';
import { readyImage } from '../slack/share.ts';
import type { UploadedFile } from '../slack/share.ts';
import { uploadBytes } from '../slack/upload.ts';
import type { PreparedArtifact } from './artifacts.ts';
import type { DeliverPorts } from './deliver.ts';
import { imageOf, linkOf, linksOf } from './draft.ts';
import type { Draft } from './draft.ts';

/** Artifacts after their bytes are with Slack, where nobody sees them yet. */
export interface SentFiles {
  readonly links: readonly LinkPart[];
  readonly images: readonly ImagePart[];
  /** Files that are shared after the message, one set for each channel: a file goes into one thread only. */
  readonly files: readonly (readonly UploadedFile[])[];
  /** What became of images that Slack did not show, for the metadata. */
  readonly notes: readonly { readonly name: string; readonly value: string }[];
}

/** Sends the bytes of uploads and images, so that nothing is posted when that fails. */
export async function sendFiles(draft: Draft, ports: DeliverPorts): Promise<SentFiles> {
  const links = linksOf(draft.artifacts);
  const images: ImagePart[] = [];
  const uploads = draft.artifacts.filter(({ mode }) => mode === 'upload');
  const notes: { name: string; value: string }[] = [];
  for (const item of draft.artifacts.filter(({ mode }) => mode === 'image')) {
    const image = await sendImage(item, ports);
    if (image) {
      images.push(image);
      continue;
    }
    notes.push({
      name: 'fallback',
      value: `${item.title} is posted as ${item.link ? 'a link' : 'an upload'}`,
    });
    if (item.link) links.push(linkOf(item, item.link));
    else uploads.push(item);
  }
  const files: UploadedFile[][] = [];
  for (const _channel of draft.targets.channels) {
    const set: UploadedFile[] = [];
    for (const item of uploads) set.push(await sendFile(item, ports));
    files.push(set);
  }
  return { links, images, files, notes };
}

// Undefined when Slack does not take or show the image: the message goes out with a link instead (slack.md SO7).
async function sendImage(item: PreparedArtifact, ports: DeliverPorts): Promise<ImagePart | undefined> {
  const instead = `posted as ${item.link ? 'a link' : 'an upload'} instead`;
  try {
    const file = await sendFile(item, ports);
    if (await readyImage(file, ports)) return imageOf(item, file.id);
    const why = 'not ready in time, of another type, or the app lacks files:read';
    ports.log.warn(`Slack does not show ${item.fileName} as an image (${why}): ${instead}`);
  } catch (error) {
    const refused =
      error instanceof Fault && (error.code === 'SLACK_REFUSED' || error.code === 'SLACK_FAILED');
    // Without the means to upload at all, only a link is left; a bad token fails the message anyway.
    if (!refused || !item.link || slackErrorOf(error) === 'invalid_auth') throw error;
    ports.log.warn(`${error.message}: ${instead}`);
  }
  return undefined;
}

async function sendFile(item: PreparedArtifact, ports: DeliverPorts): Promise<UploadedFile> {
  const id = await uploadBytes({ name: item.fileName, size: item.size, open: () => item.open() }, ports);
  return { id, title: item.title };
}
