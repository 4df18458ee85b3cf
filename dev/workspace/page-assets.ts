import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

export interface Asset {
  readonly type: string;
  readonly body: string;
}

const FOLDER = join(import.meta.dirname, '../page');

let bundled: Promise<ReadonlyMap<string, Asset>> | undefined;

/** The page's files by path, its script and style bundled in memory, once. Rejects when the page does not compile. */
export function bundlePage(): Promise<ReadonlyMap<string, Asset>> {
  bundled ??= readPage();
  return bundled;
}

async function readPage(): Promise<ReadonlyMap<string, Asset>> {
  const [html, icon, elsewhere, bundle] = await Promise.all([
    readFile(join(FOLDER, 'index.html'), 'utf8'),
    readFile(join(FOLDER, 'icon.svg'), 'utf8'),
    readFile(join(FOLDER, 'elsewhere.svg'), 'utf8'),
    bundleScript(),
  ]);
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: html }],
    ['/icon.svg', { type: 'image/svg+xml', body: icon }],
    ['/elsewhere.svg', { type: 'image/svg+xml', body: elsewhere }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: bundle.script }],
    ['/page.css', { type: 'text/css; charset=utf-8', body: bundle.style }],
  ]);
}

async function bundleScript(): Promise<{ script: string; style: string }> {
  const { outputFiles } = await build({
    entryPoints: { page: join(FOLDER, 'main.tsx') },
    outdir: FOLDER,
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    jsx: 'automatic',
    target: 'es2023',
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [rendererStyle],
  });
  const textOf = (suffix: string) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
  return { script: textOf('.js'), style: textOf('.css') };
}

// The renderer hangs its style on one element id, but the page shows many messages: `:is` lets the class beside that id do as
// well, with the id's weight. The layer lets the page's own style win.
const rendererStyle: Plugin = {
  name: 'renderer-style',
  setup(bundler) {
    bundler.onLoad({ filter: /slack-blocks-to-jsx\/dist\/style\.css$/ }, async ({ path }) => {
      const style = await readFile(path, 'utf8');
      const byClass = style.replaceAll('#slack_blocks_to_jsx', ':is(#_,.slack_blocks_to_jsx)');
      return { contents: `@layer renderer{${byClass}}`, loader: 'css' };
    });
  },
};
