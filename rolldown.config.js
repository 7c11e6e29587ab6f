import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'rolldown';
import { withPanels } from './packaging/panels.js';

/** Programs that run in Python. Each is found next to the file that uses it, in the source and in dist. */
const pythonFiles = ['src/backends/engine/process/host.py', 'src/cli/doctor/collection-probe.py'];

const withPythonFiles = {
  name: 'with-python-files',
  writeBundle() {
    for (const file of pythonFiles) cpSync(file, `dist/${basename(file)}`);
  },
};

/**
 * The files that the program needs until the first response, collected by the plugin below. They become one chunk, because
 * each file that Node loads costs half a millisecond.
 * @type {Set<string>}
 */
const startFiles = new Set();

const withStartChunk = {
  name: 'with-start-chunk',
  /** @this {import('rolldown').PluginContext} */
  buildEnd() {
    startFiles.clear();
    const waiting = [`${import.meta.dirname}/src/cli/start.ts`];
    for (const file of waiting) {
      if (startFiles.has(file)) continue;
      startFiles.add(file);
      waiting.push(...(this.getModuleInfo(file)?.importedIds ?? []));
    }
  },
};

/** Marks dist as CommonJS, which Node loads 5 ms faster than ES modules. */
const asCommonJs = {
  name: 'as-common-js',
  /** @this {import('rolldown').PluginContext} */
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

/**
 * Folders of the packages in all bundles.
 * @type {Set<string>}
 */
const bundled = new Set();

/** Writes the licences of all packages that are bundled so far to dist/licences.txt. */
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
    for (const folder of folders) bundled.add(folder);
    const texts = [...bundled].toSorted().map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const own = readdirSync(folder).filter((file) => /^(licen[cs]e|third-party)/i.test(file));
      // Some packages are published without their licence, or without the licence of code that they copied.
      const paths = [...own.map((file) => `${folder}/${file}`), `packaging/licences/${name}.txt`];
      const text = paths.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8').trim());
      if (text.length === 0) this.error(`${name} has no licence file: add packaging/licences/${name}.txt`);
      return `${[`${name} ${version}, ${license}`, ...text].join('\n\n')}\n`;
    });
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
  },
};

/** The bundle of oidc-provider. Its classes must keep their names, because it stores objects under them. */
const oidcProvider = 'oidc-provider.js';

/** Imports oidc-provider from its own bundle. */
const withOidcProvider = {
  name: 'with-oidc-provider',
  /** @param {string} source */
  resolveId: (source) =>
    source === 'oidc-provider' ? { id: `./${oidcProvider}`, external: 'absolute' } : undefined,
};

const main = defineConfig({
  input: 'src/main.ts',
  preserveEntrySignatures: false,
  platform: 'node',
  // The package's main file (UMD) requires its parts in a way that bundlers do not follow.
  resolve: { alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } },
  plugins: [withPanels, withStartChunk, withPythonFiles, withOidcProvider, asCommonJs, withLicences],
  output: {
    dir: 'dist',
    format: 'cjs',
    minify: true,
    cleanDir: true,
    codeSplitting: {
      groups: [
        { name: 'start', test: (file) => startFiles.has(file), includeDependenciesRecursively: false },
      ],
    },
  },
});

const oauth = defineConfig({
  input: 'oidc-provider',
  platform: 'node',
  checks: { eval: false }, // depd uses it, for functions that the others have deprecated
  plugins: [withLicences],
  output: { file: `dist/${oidcProvider}`, format: 'cjs', exports: 'named', minify: true, keepNames: true },
});

export default [main, oauth];
