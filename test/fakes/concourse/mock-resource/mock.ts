import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../is-record.ts';

/**
 * A resource type that does what it is told, to test the fake Concourse with. Orders stand in `params` (get, put) or in
 * `source` (check); `source.record` names a file that gets one JSON line about each run, written by the process itself.
 *
 * stderr, stdout (verbatim), exit, version, versions, metadata, files (written under $1), fail_first (n runs), hang (term | ignore)
 */
delete process.env['NODE_COMPILE_CACHE']; // of the starter script, not of Concourse
const [script = '', dir = ''] = process.argv.slice(2);
const stdin = readFileSync(0, 'utf8');
const request: unknown = JSON.parse(stdin);
const source = recordAt(request, 'source');
const orders = script === 'check' ? source : recordAt(request, 'params');
const version = isRecord(request) ? request['version'] : undefined;

record();
if (typeof orders['stderr'] === 'string') process.stderr.write(orders['stderr']);
if (script === 'in') writeFileSync(join(dir, 'version.json'), JSON.stringify(version));
if (script !== 'check') writeFiles();
if (typeof orders['hang'] === 'string') hang(orders['hang']);
else finish();

function finish(): void {
  process.stdout.write(typeof orders['stdout'] === 'string' ? orders['stdout'] : JSON.stringify(answer()));
  process.exitCode = isFailing() ? 1 : Number(orders['exit'] ?? 0);
}

function answer(): unknown {
  if (script === 'check')
    return orders['versions'] ?? (version === undefined ? [{ ref: 'first' }] : [version]);
  return {
    version: orders['version'] ?? version ?? { ref: 'made' },
    metadata: orders['metadata'] ?? [],
  };
}

/** Waits for the signal: `term` says so and answers, `ignore` only says so. */
function hang(how: string): void {
  const alive = setInterval(() => {}, 1000);
  process.on('SIGTERM', () => {
    process.stderr.write('got SIGTERM\n');
    if (how === 'ignore') return;
    clearInterval(alive);
    finish();
  });
  process.stderr.write('hanging\n');
}

function writeFiles(): void {
  for (const [name, text] of Object.entries(recordAt(orders, 'files'))) {
    writeFileSync(join(dir, name), String(text));
  }
}

/** True for the first n runs of this script, counted in the record. */
function isFailing(): boolean {
  const runs = recorded().filter((line) => recordAt(JSON.parse(line), '')['script'] === script);
  const failing = Number(orders['fail_first'] ?? 0);
  return failing > 0 && runs.length <= failing;
}

function record(): void {
  if (typeof source['record'] !== 'string') return;
  const listing = script === 'out' ? readdirSync(dir, { recursive: true }).map(String).toSorted() : [];
  const { env, pid } = process;
  const run = {
    script,
    argv: process.argv.slice(3),
    stdin: request,
    text: stdin,
    env,
    cwd: process.cwd(),
    listing,
    pid,
  };
  appendFileSync(source['record'], `${JSON.stringify(run)}\n`);
}

function recorded(): string[] {
  const file = source['record'];
  if (typeof file !== 'string' || !existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

/** A map inside a map, or an empty one; with no key the map itself. */
function recordAt(value: unknown, key: string): Record<string, unknown> {
  const found = key === '' || !isRecord(value) ? value : value[key];
  return isRecord(found) ? found : {};
}
