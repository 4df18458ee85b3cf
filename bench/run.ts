// npm run bench [check|gate-check|link|upload ...]: prints a table and writes bench/results.json.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchCheck, benchGateCheck } from './check.ts';
import { benchLink } from './link.ts';
import { ROOT } from './paths.ts';
import type { Row } from './result.ts';
import { table } from './table.ts';
import { benchUpload } from './upload.ts';

const say = (line: string) => void process.stderr.write(`bench: ${line}\n`);
const parts = new Map<string, () => Promise<Row[]>>([
  ['check', benchCheck],
  ['gate-check', benchGateCheck],
  ['link', () => benchLink(say)],
  ['upload', benchUpload],
]);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !parts.has(name));
if (unknown.length > 0) throw new Error(`unknown benchmark ${unknown.join()}: ${[...parts.keys()].join()}`);

const rows: Row[] = [];
for (const [name, bench] of parts) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  say(name);
  rows.push(...(await bench()));
}
process.stdout.write(`${table(rows)}\n`);
const results = rows.map(({ name, ours, peer, peerName, unit, ratio }) => ({
  name,
  ours,
  peer,
  peerName,
  unit,
  ratio,
}));
writeFileSync(join(ROOT, 'bench/results.json'), `${JSON.stringify(results, null, 2)}\n`);
