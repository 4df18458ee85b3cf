import { runListener } from './listener/main.ts';

process.exitCode = await runListener(process);
