import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** The SDK imports its validator of elicited answers eagerly; the server brings its own. */
const withoutAjv = {
  name: 'without-ajv',
  /** @param {string} source */
  resolveId: (source) => (source.endsWith('/validation/ajv-provider.js') ? '\0no-ajv' : undefined),
  /** @param {string} id */
  load: (id) => (id === '\0no-ajv' ? 'export class AjvJsonSchemaValidator {}' : undefined),
  writeBundle: () => cpSync('src/backends/engine/process/host.py', 'dist/host.py'),
};

/**
 * The SDK makes the schemas of all that MCP has as it loads, with a compiled parser for each, and our start would wait for them.
 * Here they are made when they are first looked at, without compiling.
 */
const lazySchemas = `
import { config } from 'zod/v4/core';
export const lazy = (make) => {
  let made;
  const schema = () => {
    if (made) return made;
    config({ jitless: true });
    made = make();
    config({ jitless: false });
    return made;
  };
  return new Proxy({}, {
    get: (_, key) => schema()[key],
    has: (_, key) => key in schema(),
    getPrototypeOf: () => Object.getPrototypeOf(schema()),
  });
};`;

const withLazySchemas = {
  name: 'with-lazy-schemas',
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
      }
    }
    return wrapped + code.slice(end);
  },
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
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const own = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
      // Some packages leave out their licence, or that of others' work in them.
      const paths = [...own.map((file) => `${folder}/${file}`), `packaging/licences/${name}.txt`];
      const text = paths.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8').trim());
      if (text.length === 0)
        this.error(`The licence of ${name} is needed, in packaging/licences/${name}.txt`);
      return `${[`${name} ${version}, ${license}`, ...text].join('\n\n')}\n`;
    });
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
  },
};

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  // Its main file finds its parts only when it is not bundled.
  resolve: { alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } },
  plugins: [withoutAjv, withLazySchemas, withLicences],
  output: { dir: 'dist', format: 'esm', minify: true, cleanDir: true },
});
