// Makes dist/: a minified ESM bundle for each program, with chunks for the parts that load only when needed. Each program
// is bundled by itself, so that what it always needs is one file: every further file costs its start a fraction of a millisecond.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { builtins } from './builtins.ts';

await import('./generate.ts');

// The steps run on the pinned Node.
const step: BuildOptions = { target: 'node26', plugins: [builtins] };
// The command line and the package run on their users'. CommonJS dependencies (the AWS SDK, yaml) call require(), which a
// module does not have.
const library: BuildOptions = {
  target: 'node20',
  banner: {
    js: "import{createRequire as createRequire_}from'node:module';const require=createRequire_(import.meta.url);",
  },
};
const listener: BuildOptions = { ...library, target: 'node26' };
const programs = { check: step, in: step, out: step, cli: library, s3: library, gateway: library, listener };

// Built aside and moved at the end: a failed build leaves the last good one, and nobody runs half of one.
const NEXT = `dist.next/${process.pid}`;
const OLD = `dist.next/${process.pid}-old`;
rmSync(NEXT, { recursive: true, force: true });
for (const [program, options] of Object.entries(programs)) {
  await build({
    ...options,
    entryPoints: [`src/${program}.ts`],
    outdir: NEXT,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    legalComments: 'none',
    logLevel: 'warning',
  });
}
if (existsSync('dist')) renameSync('dist', OLD);
renameSync(NEXT, 'dist');
rmSync(OLD, { recursive: true, force: true });
