import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SlackFault } from './fault.ts';
import { failBefore, reset } from './fault.ts';
import { fileContent } from './multipart.ts';
import type { StoredFile, Workspace } from './workspace.ts';

/** Bodies up to this many bytes are kept, larger ones only counted and hashed. */
const maxKept = 1_000_000;

export interface UploadReport {
  bytes(count: number): void;
  /** Something the client must never do. */
  violation(text: string): void;
}

/** Serves `POST /upload/v1/<id>`: takes the bytes of one file, once. */
export async function receiveUpload(
  id: string,
  slack: Workspace,
  fault: SlackFault | undefined,
  report: UploadReport,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const file = [...slack.files.values()].find((one) => one.uploadId === id);
  const refusal = refuse(req, file, report);
  if (refusal !== undefined || file === undefined) {
    req.resume();
    return end(res, refusal?.status ?? 404, refusal?.text ?? 'no such upload');
  }
  if (fault === 'stall') return stall(req, report);
  if (fault !== undefined && failBefore(fault, req, res)) {
    for await (const chunk of req) report.bytes(Buffer.from(chunk).length);
    return;
  }
  if (!(await store(file, req, report))) return;
  if (fault === 'lost') return reset(req);
  if (fault === 'silent') return;
  end(res, 200, `OK - ${file.received}`);
}

function refuse(
  req: IncomingMessage,
  file: StoredFile | undefined,
  report: UploadReport,
): { status: number; text: string } | undefined {
  if (req.headers.authorization !== undefined) {
    report.violation('the upload address got an Authorization header');
    return { status: 400, text: 'unexpected authorization' };
  }
  if (file === undefined) return { status: 404, text: 'no such upload' };
  if (req.headers['content-length'] === undefined) return { status: 400, text: 'content-length required' };
  if (file.received !== undefined) return { status: 400, text: 'already uploaded' };
  return undefined;
}

async function stall(req: IncomingMessage, report: UploadReport): Promise<void> {
  const first = await new Promise<unknown>((resolve) => req.once('data', resolve));
  req.pause();
  if (Buffer.isBuffer(first)) report.bytes(first.length);
}

/** False when the client left before the end. */
async function store(file: StoredFile, req: IncomingMessage, report: UploadReport): Promise<boolean> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let length = 0;
  const { multipart, chunks } = fileContent(req, (count) => report.bytes(count));
  try {
    for await (const chunk of chunks) {
      length += chunk.length;
      hash.update(chunk);
      if (length <= maxKept) kept.push(chunk);
    }
  } catch {
    return false;
  }
  file.received = length;
  file.sha256 = hash.digest('hex');
  file.content = length <= maxKept ? Buffer.concat(kept) : undefined;
  file.multipart = multipart;
  return true;
}

function end(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}
