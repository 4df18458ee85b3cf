import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { withTempDir } from '../support/temp-dir.ts';

const src = fileURLToPath(new URL('../../src/store/', import.meta.url));

// The bundler gives import() of a CommonJS package another form than Node does.
test('both stores work as a bundle in chunks', () =>
  withTempDir(async (dir) => {
    await build({
      stdin: {
        contents: `
          import { openDynamoStore } from './dynamodb.ts';
          import { openSqliteStore } from './sqlite.ts';
          const [path, endpoint] = process.argv.slice(2);
          const sqlite = await openSqliteStore({ path });
          process.stdout.write(String(await sqlite.readEpoch()) + ' ');
          await sqlite.close();
          const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
          const refusal = await openDynamoStore({ table: 'none', region: 'eu-west-1', endpoint, credentials }).catch((error) => error);
          process.stdout.write(refusal.code + ' ' + refusal.cause.code);`,
        resolveDir: src,
        loader: 'ts',
      },
      outdir: dir,
      entryNames: 'entry',
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node26',
      banner: {
        js: "import{createRequire as createRequire_}from'node:module';const require=createRequire_(import.meta.url);",
      },
    });
    // Port 9 is discard: nothing listens there.
    const run = spawnSync(
      process.execPath,
      [join(dir, 'entry.mjs'), join(dir, 'listener.db'), 'http://127.0.0.1:9'],
      { encoding: 'utf8' },
    );
    expect([run.stderr, run.stdout]).toEqual(['', '1 STORE_UNAVAILABLE ECONNREFUSED']);
  }));
