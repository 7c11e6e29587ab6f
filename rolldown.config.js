import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'rolldown';

/** Removes ajv: the SDK always imports its validator for elicitation, but our server passes its own. */
const withoutAjv = {
  name: 'without-ajv',
  /** @param {string} source */
  resolveId: (source) => (source.endsWith('/validation/ajv-provider.js') ? '\0no-ajv' : undefined),
  /** @param {string} id */
  load: (id) => (id === '\0no-ajv' ? 'export class AjvJsonSchemaValidator {}' : undefined),
};

/** Programs that run in Python. Each is found next to the file that uses it, in the source and in dist. */
const pythonFiles = ['src/backends/engine/process/host.py', 'src/cli/doctor/collection-probe.py'];

const withPythonFiles = {
  name: 'with-python-files',
  writeBundle() {
    for (const file of pythonFiles) cpSync(file, `dist/${basename(file)}`);
  },
};

/**
 * The SDK creates the zod schemas of the whole protocol while it loads, with a compiled parser for each. That would delay our start.
 * This module creates a schema when it is first used, without compiling it.
 */
const lazySchemas = `
import { config } from 'zod/v4/core';
export const lazy = (create) => {
  let created;
  const schema = () => {
    if (created) return created;
    config({ jitless: true });
    created = create();
    config({ jitless: false });
    return created;
  };
  return new Proxy({}, {
    get: (_, key) => schema()[key],
    has: (_, key) => key in schema(),
    getPrototypeOf: () => Object.getPrototypeOf(schema()),
  });
};`;

/** The number of schemas that the plugin below made lazy. */
let lazyCount = 0;

const withLazySchemas = {
  name: 'with-lazy-schemas',
  buildStart() {
    lazyCount = 0;
  },
  /** @param {string} source */
  resolveId: (source) => (source === 'lazy-schemas' ? `\0${source}` : undefined),
  /** @param {string} id */
  load: (id) => (id === '\0lazy-schemas' ? lazySchemas : undefined),
  /**
   * @this {import('rolldown').PluginContext}
   * @param {string} code @param {string} id
   */
  transform(code, id) {
    if (!id.endsWith('/@modelcontextprotocol/sdk/dist/esm/types.js')) return undefined;
    let wrapped = "import { lazy } from 'lazy-schemas';";
    let end = 0;
    for (const statement of this.parse(code).body) {
      const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
      for (const { init } of declared?.type === 'VariableDeclaration' ? declared.declarations : []) {
        if (init?.type !== 'CallExpression') continue;
        wrapped += `${code.slice(end, init.start)}/* @__PURE__ */ lazy(() => ${code.slice(init.start, init.end)})`;
        end = init.end;
        lazyCount += 1;
      }
    }
    return wrapped + code.slice(end);
  },
  /** @this {import('rolldown').PluginContext} @param {Error} [error] */
  buildEnd(error) {
    if (error === undefined && lazyCount === 0) {
      this.error('with-lazy-schemas found no schema: the SDK has moved or changed its types.js');
    }
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
  platform: 'node',
  // The package's main file (UMD) requires its parts in a way that bundlers do not follow.
  resolve: { alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } },
  plugins: [withoutAjv, withLazySchemas, withPythonFiles, withLicences],
  output: { dir: 'dist', format: 'esm', minify: true, cleanDir: true },
});
