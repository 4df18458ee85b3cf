import { check } from './resource/check.ts';
import { runStep } from './resource/run-step.ts';

process.exitCode = await runStep('check', check, process);
