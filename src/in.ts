import { get } from './resource/in.ts';
import { runStep } from './resource/run-step.ts';

process.exitCode = await runStep('get', get, process);
