// Makes dist/: a minified ESM bundle for each program, with chunks for the parts that load only when needed. Each program
// is bundled by itself, so that what it always needs is one file: every further file costs its start a fraction of a millisecond.
import { renameSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

await import('./generate.ts');

const REQUIRE =
  "import{createRequire as createRequire_}from'node:module';const require=createRequire_(import.meta.url);";

// Built aside and moved at the end: a failed build leaves the last good one, and nobody runs half of one.
const NEXT = 'dist.next';
rmSync(NEXT, { recursive: true, force: true });
for (const program of ['check', 'in', 'out', 'cli', 's3']) {
  await build({
    entryPoints: [`src/${program}.ts`],
    outdir: NEXT,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    // The steps run on the pinned Node; the command line and the package run on their users'.
    target: 'node20',
    // CommonJS dependencies (the AWS SDK, yaml) call require(), which a module does not have. check has none.
    banner: program === 'check' ? {} : { js: REQUIRE },
    legalComments: 'none',
    logLevel: 'warning',
  });
}
rmSync('dist', { recursive: true, force: true });
renameSync(NEXT, 'dist');
