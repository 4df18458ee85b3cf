import type { OpenRequest } from './contract.ts';
import type { Terms } from './record.ts';

/** Bytes as JSON: a record takes 64 KB, and votes, reasons and clicks come on top of the terms. */
const LARGEST_TERMS = 38_000;
const LARGEST_CONTEXT = 16 * 1024;
const ALL_LINKS = 12_000;

/** What is too large to keep, in sentences for the build log. */
export function sizeProblems(terms: Terms): string[] {
  const bytes = sizeOf(terms);
  if (bytes <= LARGEST_TERMS) return [];
  return [
    `the request has ${bytes} bytes, at most ${LARGEST_TERMS} are kept: shorten its details, context or lists of people`,
  ];
}

export function contextProblems({ context = {} }: OpenRequest): string[] {
  const bytes = sizeOf(context);
  return bytes <= LARGEST_CONTEXT
    ? []
    : [`context: has ${bytes} bytes, at most ${LARGEST_CONTEXT} are kept; a digest stands for long things`];
}

/** As many links as are kept, in their order; of the others the title, without an address. */
export function fittingLinks(links: Terms['links']): Terms['links'] {
  let left = ALL_LINKS;
  return links.map((link) => {
    const bytes = sizeOf(link);
    if (bytes <= left) {
      left -= bytes;
      return link;
    }
    return { title: link.title.slice(0, 100).toWellFormed(), url: '' };
  });
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
