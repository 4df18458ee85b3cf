// npm run bench: all parts; node bench/run.ts PART ...: some. Prints a table and writes bench/results.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchAck } from './ack.ts';
import { benchCheck, benchGateCheck } from './check.ts';
import { benchDecision } from './decision.ts';
import { benchDynamo } from './dynamodb.ts';
import { benchLink } from './link.ts';
import { benchMemory } from './memory.ts';
import { ROOT } from './paths.ts';
import type { Result, Row } from './result.ts';
import { benchSweep } from './sweep.ts';
import { table } from './table.ts';
import { benchUpload } from './upload.ts';

const say = (line: string) => void process.stderr.write(`bench: ${line}\n`);
const parts = new Map<string, () => Promise<Row[]>>([
  ['check', benchCheck],
  ['gate-check', () => benchGateCheck(say)],
  ['link', () => benchLink(say)],
  ['upload', benchUpload],
  ['ack', () => benchAck(say)],
  ['decision', benchDecision],
  ['sweep', () => benchSweep(say)],
  ['memory', benchMemory],
  ['dynamodb', () => benchDynamo(say)],
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

// Rows of parts that were not asked for stay as they were.
const file = join(ROOT, 'bench/results.json');
const before: unknown = asked.length > 0 ? JSON.parse(readFileSync(file, 'utf8')) : [];
const others = (Array.isArray(before) ? before : []).filter(
  (old: Result) => !rows.some(({ name }) => name === old.name),
);
const results = [...others, ...rows].map(({ name, ours, peer, peerName, unit, ratio }) => ({
  name,
  ours,
  peer,
  peerName,
  unit,
  ratio,
}));
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
