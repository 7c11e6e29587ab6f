import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'rolldown';

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

/** Writes the licences of all bundled packages to dist/licences.txt. */
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
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const own = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
      // Some packages are published without their licence, or without the licence of code that they copied.
      const paths = [...own.map((file) => `${folder}/${file}`), `packaging/licences/${name}.txt`];
      const text = paths.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8').trim());
      if (text.length === 0) this.error(`${name} has no licence file: add packaging/licences/${name}.txt`);
      return `${[`${name} ${version}, ${license}`, ...text].join('\n\n')}\n`;
    });
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
  },
};

export default defineConfig({
  input: 'src/main.ts',
  preserveEntrySignatures: false,
  platform: 'node',
  // The package's main file (UMD) requires its parts in a way that bundlers do not follow.
  resolve: { alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } },
  plugins: [withStartChunk, withPythonFiles, asCommonJs, withLicences],
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
