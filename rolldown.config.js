import { cpSync } from 'node:fs';
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

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  plugins: [withoutAjv],
  output: { dir: 'dist', format: 'esm', minify: true, cleanDir: true },
});
