// Bundles each panel of src/apps into one HTML text, which the server bundle contains as a module.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

/** @param {string} path */
const read = (path) => readFileSync(new URL(`../src/apps/${path}`, import.meta.url), 'utf8');

const names = readdirSync(new URL('../src/apps/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
  .map(({ name }) => name);

/**
 * Returns a script as one minified text that can stand in a script element.
 * @param {string} path @param {Record<string, string>} [define]
 */
async function bundled(path, define = {}) {
  const bundle = await rolldown({
    input: `src/apps/${path}`,
    platform: 'browser',
    tsconfig: 'src/apps/tsconfig.json',
    transform: { target: 'es2022', define },
  });
  const { output } = await bundle.generate({ format: 'iife', minify: true });
  await bundle.close();
  return output[0].code.trim().replace(/<(?=\/script|script|!--)/gi, String.raw`\x3c`);
}

/** @param {string} css */
const smaller = (css) =>
  css
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/: /g, ':')
    .trim();

/** @returns {Promise<Readonly<Record<string, string>>>} */
async function build() {
  // The only script that the policy of a card's frame permits, by its hash.
  const frameScript = await bundled('shared/card-frame-script.ts');
  const hash = createHash('sha256').update(frameScript).digest('base64');
  const define = { FRAME_SCRIPT: JSON.stringify(frameScript), FRAME_HASH: JSON.stringify(`sha256-${hash}`) };
  const shell = read('shell.html').replace(/>\s+</g, '><').trim();
  const pages = names.map(async (name) => {
    /** @type {Record<string, string>} */
    const parts = {
      style: smaller(read('shared/panel.css') + read(`${name}/panel.css`)),
      script: await bundled(`${name}/panel.ts`, define),
    };
    // A function, because a replacement text expands `$&`.
    return [name, shell.replace(/(?<=<(style|script)>)/g, (_, part) => parts[part] ?? '')];
  });
  return Object.fromEntries(await Promise.all(pages));
}

/** @type {ReturnType<typeof build> | undefined} */
let built;

/** Returns the HTML of all panels by name. They are built once in this process. */
export const panels = () => (built ??= build());

/** @param {string} html */
const versionOf = (html) => createHash('sha256').update(html).digest('hex').slice(0, 8);

/** Provides `panel:NAME` (its HTML) and `panel-versions` (a hash of each HTML). */
export const withPanels = {
  name: 'with-panels',
  /** @param {string} source */
  resolveId: (source) => (/^panel(-versions$|:)/.test(source) ? `\0${source}` : undefined),
  /** @param {string} id */
  async load(id) {
    if (!id.startsWith('\0panel')) return undefined;
    const pages = await panels();
    if (id === '\0panel-versions') {
      const versions = Object.entries(pages).map(([name, html]) => [name, versionOf(html)]);
      return `export const versions = ${JSON.stringify(Object.fromEntries(versions))};`;
    }
    return `export const html = ${JSON.stringify(pages[id.slice('\0panel:'.length)])};`;
  },
};
