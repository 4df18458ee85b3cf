// The package is CommonJS to a bundler: only a static import gives its named exports, so what is loaded lazily is this module.
export { parse as parseYaml, stringify as formatYaml } from 'yaml';
