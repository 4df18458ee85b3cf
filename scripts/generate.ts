// Makes generated/<shape>.js (Ajv standalone code), generated/keys.js and listener-keys.js (the keys of every place, for "did
// you mean") and assets/schema/*.json from the TypeBox definitions. Run by the build; compiling validators in a step costs
// about 30 ms.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { ClaimRequest, LeaveRequest, OpenRequest } from '../src/approvals/contract.ts';
import { ListenerFile } from '../src/listener/config/schema.ts';
import { schemas } from '../src/resource/schema.ts';
import { isRecord } from '../src/kit/json.ts';
import { withReferences } from './with-references.ts';

const ID = 'https://github.com/concourse-slack-aws-resource/schema';

for (const folder of ['generated', 'assets/schema']) mkdirSync(folder, { recursive: true });
const published = { ...schemas, listener: withReferences(ListenerFile) };
await writeValidator('listener', ListenerFile);
for (const [name, schema] of Object.entries(schemas)) await writeValidator(name, schema);
for (const [name, schema] of Object.entries(published)) {
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: `${ID}/${name}.json` };
  writeFileSync(`assets/schema/${name}.json`, `${JSON.stringify(Object.assign(head, schema), null, 2)}\n`);
}
const requests = {
  'open-request': OpenRequest,
  'leave-request': LeaveRequest,
  'claim-request': ClaimRequest,
};
for (const [name, schema] of Object.entries(requests)) await writeValidator(name, schema);

writeKeys('keys', schemas);
writeKeys('listener-keys', { listener: ListenerFile, ...requests });

function writeKeys(file: string, of: Readonly<Record<string, object>>): void {
  const keys = Object.fromEntries(Object.entries(of).map(([name, schema]) => [name, keysOf(schema)]));
  writeFileSync(`generated/${file}.js`, `export const keys = ${JSON.stringify(keys)};\n`);
  writeFileSync(
    `generated/${file}.d.ts`,
    'export declare const keys: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;\n',
  );
}

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
    "import type { Validator } from '../src/kit/schema-problems.ts';\n\nexport declare const validate: Validator;\n",
  );
}

function keysOf(schema: unknown, pointer = ''): Record<string, string[]> {
  if (!isRecord(schema)) return {};
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const nested = Object.entries(properties).map(([key, child]) => keysOf(child, `${pointer}/${key}`));
  const named = isRecord(schema['patternProperties']) ? Object.values(schema['patternProperties']) : [];
  const items = [schema['items'], ...named].map((child) => keysOf(child, `${pointer}/*`));
  const own = Object.keys(properties).length > 0 ? { [pointer]: Object.keys(properties) } : {};
  return Object.assign(own, ...items, ...nested);
}
