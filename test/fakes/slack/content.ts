import type { Arguments } from './arguments.ts';
import { isRecord } from './arguments.ts';
import { blocksProblem } from './blocks/blocks-problem.ts';
import { Refusal } from './refusal.ts';
import type { Block, Workspace } from './workspace.ts';

/** What a message says. */
export interface Content {
  readonly text: string | undefined;
  readonly blocks: readonly Block[];
  readonly attachments: readonly unknown[];
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** The content that the arguments give, or the refusal that they earn. */
export function readContent(args: Arguments, slack: Workspace): Content {
  const blocks = args.list('blocks', 'invalid_blocks_format') ?? [];
  const problem = blocksProblem(blocks, slack);
  if (problem !== undefined) throw problem;
  const attachments = args.list('attachments', 'invalid_attachments') ?? [];
  if (attachments.length > 100) throw new Refusal('too_many_attachments');
  requireValidAttachments(attachments, slack);
  return { text: args.text('text'), blocks: records(blocks), attachments, metadata: readMetadata(args) };
}

function requireValidAttachments(attachments: readonly unknown[], slack: Workspace): void {
  for (const [index, attachment] of attachments.entries()) {
    if (!isRecord(attachment)) throw new Refusal('invalid_attachments');
    const { blocks } = attachment;
    const problem = Array.isArray(blocks)
      ? blocksProblem(blocks, slack, `/attachments/${index}/blocks`)
      : undefined;
    if (problem !== undefined) throw problem;
  }
}

function records(blocks: readonly unknown[]): Block[] {
  return blocks.filter(isRecord);
}

function readMetadata(args: Arguments): Readonly<Record<string, unknown>> | undefined {
  const metadata = args.object('metadata', 'invalid_metadata_format');
  if (metadata === undefined || Object.keys(metadata).length === 0) return metadata;
  const { event_type: type, event_payload: payload } = metadata;
  if (typeof type !== 'string' || typeof payload !== 'object') throw new Refusal('invalid_metadata_schema');
  return metadata;
}
