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
const every = (path: string, allowed: RegExp) =>
  imports(path)
    .filter((name) => !allowed.test(name))
    .map((name) => `${path} imports ${name}`);

test('the contract imports zod and its own files only', () => {
  const found = source
    .filter((path) => path.startsWith('src/actions/'))
    .flatMap((path) => every(path, /^(zod|src\/action\.ts|src\/actions\/.*)$/));
  expect(found).toEqual([]);
});

test('the two backends know the contract, and nothing of each other or of MCP', () => {
  const shared =
    /^(node:.*|zod|undici|@bufbuild\/.*|src\/(action|backend|binding|dispatch|envelope|errors|json|listen|nearest|one-line|python)\.ts|src\/actions\/.*)$/;
  const found = ['engine', 'anki-connect'].flatMap((name) =>
    source
      .filter((path) => path.startsWith(`src/${name}/`))
      .flatMap((path) => every(path, new RegExp(`${shared.source}|^src/${name}/`))),
  );
  expect(found).toEqual([]);
});

test('the front of MCP over HTTP knows neither MCP nor Anki', () => {
  const found = source
    .filter((path) => path.startsWith('src/http/'))
    .flatMap((path) => every(path, /^(node:.*|src\/(config|errors)\.ts|src\/http\/.*)$/));
  expect(found).toEqual([]);
});

test('MCP is spoken in the files of the server alone', () => {
  const speakers = source.filter((path) =>
    imports(path).some((name) => name.startsWith('@modelcontextprotocol/')),
  );
  expect(speakers.toSorted()).toEqual([
    'src/mcp/http/listen.ts',
    'src/mcp/resources/answer.ts',
    'src/mcp/stdio.ts',
    'src/mcp/server.ts',
  ]);
});

test('stdout is the protocol’s: only main writes to it, for --help and --version', () => {
  const writers = source.filter((path) =>
    /process\.stdout\.write|console\.(log|info|debug)/.test(read(path)),
  );
  expect(writers).toEqual(['src/main.ts']);
});

test('files stay small', () => {
  const lengths = source.map((path) => read(path).split('\n').length).toSorted((a, b) => a - b);
  expect(lengths.at(-1)).toBeLessThanOrEqual(600);
});

test('no test is skipped, left alone, or empty', () => {
  const found = files('test').filter((path) =>
    /\b(test|describe|it)\.(skip|only|todo|fails|skipIf|runIf)\b|\bx(it|test)\(/.test(read(path)),
  );
  expect(found.filter((path) => path !== 'test/architecture.test.ts')).toEqual([]);
});
