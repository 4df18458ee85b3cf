// Makes generated/<shape>.js (Ajv standalone code), generated/keys.js (the keys of every place, for "did you mean") and
// assets/schema/*.json from the TypeBox definitions. Run by the build; compiling validators in a step costs about 30 ms.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { schemas } from '../src/resource/schema.ts';
import { isRecord } from '../src/kit/json.ts';

const ID = 'https://github.com/concourse-slack-aws-resource/schema';

for (const folder of ['generated', 'assets/schema']) mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(schemas)) {
  await writeValidator(name, schema);
  const published = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${ID}/${name}.json`,
    ...schema,
  };
  writeFileSync(`assets/schema/${name}.json`, `${JSON.stringify(published, null, 2)}\n`);
}
const keys = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, keysOf(schema)]));
writeFileSync('generated/keys.js', `export const keys = ${JSON.stringify(keys)};\n`);
writeFileSync(
  'generated/keys.d.ts',
  'export declare const keys: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;\n',
);

async function writeValidator(name: string, schema: object): Promise<void> {
  const ajv = new Ajv({ allErrors: true, strictTypes: false, code: { source: true, esm: true } });
  // Formats are checked by our own parsers, which also turn them into numbers.
  for (const format of ['duration', 'size', 'http-url']) ajv.addFormat(format, true);
  const contents = standalone.default(ajv, ajv.compile(schema));
  await build({
    stdin: { contents, resolveDir: process.cwd(), sourcefile: `${name}.js` },
    outfile: `generated/${name}.js`,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  writeFileSync(
    `generated/${name}.d.ts`,
    "import type { Validator } from '../src/resource/problems.ts';\n\nexport declare const validate: Validator;\n",
  );
}

function keysOf(schema: unknown, pointer = ''): Record<string, string[]> {
  if (!isRecord(schema)) return {};
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const nested = Object.entries(properties).map(([key, child]) => keysOf(child, `${pointer}/${key}`));
  const items = keysOf(schema['items'], `${pointer}/*`);
  const own = Object.keys(properties).length > 0 ? { [pointer]: Object.keys(properties) } : {};
  return Object.assign(own, items, ...nested);
}
