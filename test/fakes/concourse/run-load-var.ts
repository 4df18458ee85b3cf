import { readArtifactFile } from './artifacts.ts';
import { messageOf } from './cancellation.ts';
import { parseYaml } from './parse-pipeline.ts';
import type { StepContext } from './platform.ts';
import type { LoadVarStep } from './step.ts';
import { recordStep } from './step-recorder.ts';

const FORMATS: Readonly<Record<string, (text: string) => unknown>> = {
  raw: (text) => text,
  trim: (text) => text.trim(),
  json: (text) => JSON.parse(text),
  yml: parseYaml,
  yaml: parseYaml,
};

/** Loads a file of an artifact into `((.:name))`, redacted from the log unless `reveal` (atc/exec/load_var_step.go). */
export function runLoadVar(context: StepContext, step: LoadVarStep): Promise<boolean> {
  return recordStep(context, { kind: 'load_var', name: step.name, implicit: false }, async (recorder) => {
    const { vars, artifacts } = context.state;
    const file = String(vars.evaluate(step.file));
    const format = formatOf(step, file);
    const text = await readArtifactFile(artifacts, file);
    vars.setLocal(step.name, parseAs(format, text, file), !step.reveal);
    recorder.note(`var ${step.name} fetched.\nadded var ${step.name} to build.`);
    return true;
  });
}

function formatOf(step: LoadVarStep, file: string): string {
  if (step.format !== undefined) {
    if (step.format in FORMATS) return step.format;
    throw new Error(`invalid format ${step.format}`);
  }
  const extension = /\.([^./]+)$/.exec(file)?.[1] ?? '';
  return extension in FORMATS ? extension : 'trim';
}

function parseAs(format: string, text: string, file: string): unknown {
  try {
    return FORMATS[format]?.(text);
  } catch (cause) {
    throw new Error(`failed to parse ${file} in format ${format}: ${messageOf(cause)}`, { cause });
  }
}
