// Makes dist/: one minified ESM bundle per program, with chunks for the parts that load only when needed.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

await import('./generate.ts');

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: { check: 'src/check.ts', in: 'src/in.ts', out: 'src/out.ts' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  legalComments: 'none',
  logLevel: 'warning',
});
