import { builtinModules, createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

const BUILTINS = new Set(builtinModules);
const require = createRequire(import.meta.url);

/**
 * Takes Node's own modules by `process.getBuiltinModule`, and only the exports that are used. An `import` of one reads all
 * of its exports, and with them loads what Node would load on first use: `node:fs` brings streams, readline and workers,
 * `node:http` brings undici. That made check 1.3 and a put 3.3 times as slow as bare Node; this way it is 1.1 and 2.4.
 */
export const builtins: Plugin = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?[a-z_0-9/]+$/ }, ({ path, kind, importer }) => {
      const name = path.replace(/^node:/, '');
      if (!BUILTINS.has(name) || kind === 'dynamic-import') return undefined;
      // A copy for each importer: a shared one would take in every chunk what any of them needs.
      const namespace = kind === 'require-call' ? 'builtin-whole' : 'builtin';
      return { path: `${importer}:${name}`, pluginData: name, namespace, sideEffects: false };
    });
    build.onLoad({ filter: /./, namespace: 'builtin' }, ({ pluginData }) => ({
      contents: picked(String(pluginData)),
    }));
    build.onLoad({ filter: /./, namespace: 'builtin-whole' }, ({ pluginData }) => ({
      contents: `module.exports = ${whole(String(pluginData))}`,
    }));
  },
};

function whole(name: string): string {
  return `process.getBuiltinModule('node:${name}')`;
}

// PURE lets esbuild drop the exports that nobody imports.
function picked(name: string): string {
  const exported: unknown = require(`node:${name}`);
  const names = Object.keys(Object(exported)).filter((key) => key !== 'default' && /^\w+$/.test(key));
  const lines = names.map(
    (key) => `const _${key} = /* @__PURE__ */ pick('${key}'); export { _${key} as ${key} };`,
  );
  return [
    `const pick = (key) => ${whole(name)}[key];`,
    ...lines,
    `export default /* @__PURE__ */ ${whole(name)};`,
  ].join('\n');
}
