import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** The SDK imports its validator of elicited answers eagerly; the server brings its own. */
const withoutAjv = {
  name: 'without-ajv',
  /** @param {string} source */
  resolveId: (source) => (source.endsWith('/validation/ajv-provider.js') ? '\0no-ajv' : undefined),
  /** @param {string} id */
  load: (id) => (id === '\0no-ajv' ? 'export class AjvJsonSchemaValidator {}' : undefined),
  writeBundle: () => cpSync('src/engine/host.py', 'dist/host.py'),
};

/** Anki-Connect's client needs a connection: undici's fetch, caches and mocks would be read by its first call, and stay in memory. */
const undiciCore = `
import Client from 'undici/lib/dispatcher/client.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import api from 'undici/lib/api/index.js';
import errors from 'undici/lib/core/errors.js';
Object.assign(Dispatcher.prototype, api);
export { Client, errors };`;

const withoutFetch = {
  name: 'without-fetch',
  /** @param {string} source @param {string | undefined} importer */
  resolveId: (source, importer) =>
    source === 'undici' && importer?.includes('anki-connect') ? '\0undici-core' : undefined,
  /** @param {string} id */
  load: (id) => (id === '\0undici-core' ? undiciCore : undefined),
};

/** The licences of what is bundled travel with it. */
const withLicences = {
  name: 'with-licences',
  /**
   * @this {import('rolldown').PluginContext}
   * @param {unknown} _options @param {import('rolldown').OutputBundle} bundle
   */
  generateBundle(_options, bundle) {
    const files = Object.values(bundle).flatMap((output) =>
      output.type === 'chunk' ? output.moduleIds : [],
    );
    const folders = files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
    const texts = [...new Set(folders)].toSorted().map((folder) => {
      const name = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
      const text = name === undefined ? '' : readFileSync(`${folder}/${name}`, 'utf8');
      const { name: of, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      return `${of} ${version} (${license})\n\n${text.trim()}\n`;
    });
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
  },
};

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  plugins: [withoutAjv, withoutFetch, withLicences],
  output: { dir: 'dist', format: 'esm', minify: true, cleanDir: true },
});
