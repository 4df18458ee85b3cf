import { isRecord } from '../../src/kit/json.ts';
import type { Block } from './model.ts';

const FILE_ID = /[/-](F[A-Z0-9]{8,})(?:\/|$)/;

/**
 * A block as the page may show it, which loads nothing from other hosts: a `slack_file` is served by this server, any other
 * image is a placeholder, a video has no source. Addresses that are neither http(s) nor mailto lose their target.
 */
export function showBlock(block: Block): Block {
  if (block.type === 'markdown') return { ...block, text: String(block['text']).replace(/!(?=\[)/g, '') };
  return { ...showRecord(block), type: block.type };
}

function show(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(show);
  return isRecord(value) ? showRecord(value) : value;
}

function showRecord(value: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(value).filter(
    ([key, inner]) => !key.endsWith('_url') && (key !== 'url' || isWebAddress(inner)),
  );
  const shown = Object.fromEntries(kept.map(([key, inner]) => [key, show(inner)]));
  return value['type'] === 'image' ? { ...shown, image_url: imageAddress(value) } : shown;
}

function imageAddress({ slack_file: file }: Record<string, unknown>): string {
  if (!isRecord(file)) return '/elsewhere.svg';
  const { id, url } = file;
  const found = typeof id === 'string' ? id : FILE_ID.exec(typeof url === 'string' ? url : '')?.[1];
  return found === undefined ? '/elsewhere.svg' : `/files/${encodeURIComponent(found)}/image`;
}

function isWebAddress(value: unknown): boolean {
  return /^(?:https?|mailto):$/.test(URL.parse(String(value))?.protocol ?? '');
}
