// Stops with one line when an npm script runs on another Node than the pinned one. Plain JavaScript: any Node >= 20 reads it.
import { readFileSync } from 'node:fs';

const wanted = readFileSync(new URL('../.node-version', import.meta.url), 'utf8').trim();
if (process.versions.node !== wanted) {
  process.stderr.write(
    `This project runs on Node ${wanted}, found ${process.versions.node}. ` +
      'Run it through npm (`npm ci`, then `npm test`): the pinned Node is one of its optional dependencies.\n',
  );
  process.exitCode = 1;
}
