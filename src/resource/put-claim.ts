import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ApprovalView } from '../approvals/contract.ts';
import { Fault } from '../kit/fault.ts';
import { isRecord, tryParseJson } from '../kit/json.ts';
import { originOf } from './build-origin.ts';
import type { Build } from './build.ts';
import { readVars } from './compose.ts';
import { readContext } from './context-values.ts';
import { faultOf, metadataOf, oneLine, titleOf } from './decision.ts';
import { findFolder, readTextFile } from './files.ts';
import { listenerOf } from './listener-of.ts';
import type { ClaimPut } from './params.ts';
import type { Answer } from './put-message.ts';
import type { StepContext } from './run-step.ts';

const LONGEST_ID = 100;

/**
 * The put that claims a decision just before it is used: the listener says whether it is approved, unexpired, of this gate,
 * about these very things, and unclaimed. `put` is never cached, so this is the proof (C11, C26). Faults: APPROVAL_*, LISTENER_*, FILE_*.
 */
export async function putClaim(put: ClaimPut, build: Build, context: StepContext): Promise<Answer> {
  const { source, params } = put;
  const vars = readVars({}, build, context.dir);
  const wanted = { where: 'params.expect', plain: params.expect, files: params.expect_files };
  const expect = readContext(wanted, { ...context, vars });
  const version = readDecision(context.dir, params.claim);
  if (source.gate !== undefined) refuseWaited(context.dir, params.claim);
  const gate = params.gate ?? source.gate ?? '';
  const listener = listenerOf(source, context, 'to claim a decision');
  const request = { approval: version.approval, gate, expect, origin: originOf(build) };
  const view = await listener.claim(request);
  if (view.approval !== version.approval || view.gate !== gate) throw otherAnswer(view);
  if (view.status !== 'approved') throw faultOf(view);
  context.log.info(`claimed at gate ${view.gate}: ${titleOf(view)}${about(view)}`);
  if (Object.keys(expect).length === 0 && Object.keys(view.context).length > 0)
    context.log.warn('params.expect is empty: nothing has compared what was approved with what is used now');
  return { version, metadata: metadataOf(view) };
}

// The version as it came, so that the claim makes no new one.
function readDecision(
  dir: string,
  folder: string,
): { approval: string; status: string } & Record<string, string> {
  const where = 'params.claim';
  findFolder(dir, folder, where);
  const written = existsSync(join(dir, folder, 'version.json'))
    ? tryParseJson(readTextFile(dir, `${folder}/version.json`, where))
    : undefined;
  const strings = Object.entries(isRecord(written) ? written : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const { approval, status, ...others } = Object.fromEntries(strings);
  if (!approval || !status || approval.length > LONGEST_ID) {
    throw new Fault('FILE_INVALID', `${where}: ${folder} holds no decision`, {
      hint: 'name the folder of a get of the gate resource, or of the put that waited for the approval',
    });
  }
  if (status === 'approved') return { ...others, approval, status };
  throw new Fault('APPROVAL_REFUSED', `${where}: ${folder} is ${status}, not approved`, {
    hint: 'get the decision from the gate resource: its check reports what was approved',
  });
}

// A gate resource would save its version, and start the job behind it.
function refuseWaited(dir: string, folder: string): void {
  const path = `${folder}/decision.json`;
  const told = existsSync(join(dir, path))
    ? tryParseJson(readTextFile(dir, path, 'params.claim'))
    : undefined;
  if (!isRecord(told) || told['for_build'] !== true) return;
  throw new Fault(
    'PARAMS_INVALID',
    `params.claim: ${folder} is the approval of a put that has waited for it`,
    {
      hint: 'claim it with the resource that asked: a gate resource would start the job behind it, too',
    },
  );
}

function otherAnswer({ approval, gate }: ApprovalView): Fault {
  return new Fault('LISTENER_FAILED', `the listener answered about approval ${approval} of gate ${gate}`, {
    hint: 'check source.listener.url and what stands before it',
  });
}

function about({ context }: ApprovalView): string {
  const entries = Object.entries(context).map(([name, value]) => `${name}=${short(oneLine(value))}`);
  return entries.length === 0 ? '' : ` (${entries.join(', ')})`;
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
