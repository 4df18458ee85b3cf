import { out } from './resource/out.ts';
import { runStep } from './resource/run-step.ts';

process.exitCode = await runStep('put', out, process);
