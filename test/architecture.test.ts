import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name).replaceAll('\\', '/'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What a file imports: packages by name, our own files by path. */
const imports = (path: string): string[] =>
  [...read(path).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, source = '']) =>
    source.startsWith('.') ? relative(root, join(root, dirname(path), source)).replaceAll('\\', '/') : source,
  );

const source = files('src');
/** What the files of each folder may import, besides packages and their own folder. The longest matching folder counts. */
const layers: Readonly<Record<string, readonly string[]>> = {
  'src/lib': [],
  'src/contract': ['src/lib'],
  'src/contract/panels': [],
  'src/anki-connect': ['src/contract', 'src/lib'],
  'src/backends': ['src/anki-connect', 'src/contract', 'src/lib'],
  'src/backends/desktop': ['src/anki-connect', 'src/contract', 'src/lib'],
  'src/backends/engine': ['src/anki-connect', 'src/contract', 'src/lib'],
  'src/backends/engine/process': ['src/anki-connect', 'src/contract', 'src/lib'],
  'src/backends/engine/session': [
    'src/backends/engine/process',
    'src/anki-connect',
    'src/contract',
    'src/lib',
  ],
  'src/backends/engine/backup': [
    'src/backends/engine/process',
    'src/backends/engine/session',
    'src/contract',
    'src/lib',
  ],
  'src/backends/engine/statistics': ['src/backends/engine/process', 'src/contract', 'src/lib'],
  'src/backends/engine/handlers': [
    'src/backends/engine/process',
    'src/backends/engine/session',
    'src/backends/engine/statistics',
    'src/anki-connect',
    'src/contract',
    'src/lib',
  ],
  'src/tools': ['src/contract', 'src/lib'],
  'src/oauth': ['src/contract', 'src/lib'],
  'src/mcp': ['src/tools', 'src/oauth/access.ts', 'src/contract', 'src/lib'],
  // Panels run in a browser. Each uses the shared parts and the messages, never another panel or the server.
  'src/apps/shared': ['src/contract/panels'],
  ...Object.fromEntries(
    readdirSync(join(root, 'src/apps'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
      .map(({ name }) => [`src/apps/${name}`, ['src/apps/shared', 'src/contract/panels']]),
  ),
  'src/cli': ['src'],
  'src/main.ts': ['src'],
};

const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

const layerOf = (path: string): string =>
  Object.keys(layers)
    .filter((folder) => within(path, folder))
    .toSorted((a, b) => b.length - a.length)[0] ?? 'none';

test('every file belongs to a layer and imports only what its layer may', () => {
  const found = source.flatMap((path) => {
    const layer = layerOf(path);
    const allowed = [layer, ...(layers[layer] ?? [])];
    return imports(path)
      .filter((name) => name.startsWith('src/') && !allowed.some((folder) => within(name, folder)))
      .map((name) => `${path} imports ${name}`);
  });
  expect(source.filter((path) => layerOf(path) === 'none')).toEqual([]);
  expect(found).toEqual([]);
});

test('each package is imported only where its layer needs it', () => {
  const packages: readonly (readonly [package_: RegExp, folders: readonly string[]])[] = [
    [/^@modelcontextprotocol\//, ['src/mcp']],
    [/^@bufbuild\//, ['src/backends/engine']],
    [/^(htmlparser2|domhandler|marked)$/, ['src/tools']],
    [
      /^(postcss|postcss-safe-parser|css-what|css-select|media-query-fns|colord(\/plugins\/names)?)$/,
      ['src/tools/card-text/css'],
    ],
    [/^oidc-provider$/, ['src/oauth']],
    [/^(pngjs|jpeg-js)$/, ['src/lib/picture']],
    [/^temml$/, ['src/tools/card-html']],
    [/^panel(-versions$|:)/, ['src/mcp/panels.ts']],
    [/^csv-parse$/, ['src/tools/workflows/import-notes']],
    [/^undici$/, ['src/tools/media', 'src/backends/engine', 'src/cli/doctor']],
    [/^(jsonc-parser|@decimalturn\/toml-patch)$/, ['src/cli/install']],
  ];
  const found = source.flatMap((path) =>
    imports(path)
      .filter((name) => !/^(src\/|node:|zod$)/.test(name))
      .filter(
        (name) =>
          !packages.some(
            ([pattern, folders]) => pattern.test(name) && folders.some((folder) => within(path, folder)),
          ),
      )
      .map((name) => `${path} imports ${name}`),
  );
  expect(found).toEqual([]);
});

test('no imports form a circle', () => {
  const known = new Set(source);
  const finished = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) circles.push([...above.slice(above.indexOf(path)), path].join(' → '));
    if (above.includes(path) || finished.has(path)) return;
    for (const imported of imports(path)) if (known.has(imported)) visit(imported, [...above, path]);
    finished.add(path);
  };
  for (const path of source) visit(path, []);
  expect(circles).toEqual([]);
});

test('only the commands write to stdout', () => {
  const writers = source.filter((path) =>
    /process\.stdout\.write|console\.(log|info|debug)/.test(read(path)),
  );
  expect(writers).toEqual(['src/cli/commands.ts']);
});

test('no source file is over 400 lines and the median is under 100', () => {
  const lengths = source.map((path) => read(path).split('\n').length).toSorted((a, b) => a - b);
  expect(lengths.at(-1)).toBeLessThanOrEqual(400);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100);
});

test('no test is skipped, left alone, or empty', () => {
  const found = files('test').filter((path) =>
    /\b(test|describe|it)\.(skip|only|todo|fails|skipIf|runIf)\b|\bx(it|test)\(/.test(read(path)),
  );
  expect(found.filter((path) => path !== 'test/architecture.test.ts')).toEqual([]);
});
