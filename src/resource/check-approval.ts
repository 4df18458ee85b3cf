import { parseDuration } from '../kit/duration.ts';
import { isRecord } from '../kit/json.ts';
import { checkArtifact, checkBucket, checkIdentity, needed } from './check-artifact.ts';
import type { MessageContext } from './check-message.ts';
import { isContextName } from './context-name.ts';
import type { Problem } from './problems.ts';
import type { ApprovalParams, ClaimParams } from './schema.ts';

const YEAR = 31_536_000;

/** What a schema cannot say of a put that asks for an approval. */
export function checkApproval(
  params: ApprovalParams,
  context: MessageContext,
  told: readonly Problem[],
): Problem[] {
  const approval: Readonly<Record<string, unknown>> = isRecord(params.approval) ? params.approval : {};
  const problems = [
    ...checkGate(approval['gate'], 'params.approval.gate', context),
    ...checkNames(approval, 'params.approval', ['context', 'context_files']),
    ...needed(given(context), 'listener', 'to ask for an approval'),
    ...checkLinks(params.artifacts, context),
    ...checkIdentity(params.aws, context.source),
  ];
  if (approval['details'] !== undefined && approval['details_file'] !== undefined)
    problems.push({ path: 'params.approval.details_file', message: 'cannot stand beside details' });
  if (approval['wait'] === false && given(context)['gate'] !== undefined)
    problems.push({
      path: 'params.approval.wait',
      message:
        'must be true on a gate resource: the version of a mere request would open the gate; ask with a second resource without gate',
    });
  for (const key of ['timeout', 'remind_every', 'abandon_after']) {
    const text = approval[key];
    if (typeof text === 'string' && (parseDuration(text) ?? 0) > YEAR)
      problems.push({ path: `params.approval.${key}`, message: 'must be at most 365d' });
  }
  return untold(problems, told);
}

/** What a schema cannot say of a put that claims a decision. */
export function checkClaim(
  params: ClaimParams,
  context: MessageContext,
  told: readonly Problem[],
): Problem[] {
  const problems = [
    ...checkGate(params.gate, 'params.gate', context),
    ...checkNames({ ...params }, 'params', ['expect', 'expect_files']),
    ...needed(given(context), 'listener', 'to claim a decision'),
    ...checkIdentity(params.aws, context.source),
  ];
  return untold(problems, told);
}

// A gate resource answers for one gate: the version of another one's decision would open it.
function checkGate(named: unknown, path: string, context: MessageContext): Problem[] {
  const own = given(context)['gate'];
  if (own === undefined && named === undefined)
    return [{ path, message: 'required, here or as source.gate' }];
  if (own === undefined || named === undefined || named === own) return [];
  return [{ path, message: 'is not source.gate: a gate resource is about its own gate alone' }];
}

function checkNames(
  params: Readonly<Record<string, unknown>>,
  path: string,
  [plain, files]: readonly [string, string],
): Problem[] {
  const keys = (name: string) => (isRecord(params[name]) ? Object.keys(params[name]) : []);
  const twice = keys(files).filter((key) => keys(plain).includes(key));
  const unfit = [plain, files].flatMap((name) =>
    keys(name)
      .filter((key) => !isContextName(key))
      .map((key) => ({
        path: `${path}.${name}[${JSON.stringify(key.slice(0, 60))}]`,
        message: 'must be letters, digits, . _ or -, not begin with a dot, and have at most 100 characters',
      })),
  );
  return [
    ...twice.map((key) => ({
      path: `${path}.${files}.${key}`,
      message: `cannot stand beside ${plain}.${key}`,
    })),
    ...unfit,
  ];
}

// The listener posts the card with its own app: it cannot take bytes, and a put cannot upload for it.
function checkLinks(artifacts: unknown, context: MessageContext): Problem[] {
  if (!Array.isArray(artifacts) || artifacts.length === 0) return [];
  const problems = checkBucket(given(context), context.source);
  artifacts.forEach((artifact, index) => {
    const path = `params.artifacts[${index}]`;
    if (!isRecord(artifact)) return;
    problems.push(...checkArtifact(artifact, path));
    const mode = artifact['as'];
    if (mode === 'upload' || mode === 'image')
      problems.push({
        path: `${path}.as`,
        message: `must be link: an approval's card takes links; to show it as ${mode}, post it with a put of its own`,
      });
  });
  return problems;
}

function given({ rawSource }: MessageContext): Readonly<Record<string, unknown>> {
  const source = isRecord(rawSource) ? rawSource : {};
  return source['gate'] === null ? { ...source, gate: undefined } : source;
}

function untold(problems: readonly Problem[], told: readonly Problem[]): Problem[] {
  return problems.filter(({ path }) => !told.some((other) => other.path === path));
}
