import { runListener } from './listener/main.ts';

// A reader that has gone, as in `listener list | head`, is no failure; a listener whose log nobody takes goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = await runListener(process);
