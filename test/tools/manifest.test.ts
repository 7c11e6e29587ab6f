import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clientsMarkdown, optionsMarkdown } from '../../src/cli/help.ts';
import { skillFiles } from '../../src/mcp/skills/index.ts';
import { actionsByCategory, manifest, toolTable } from '../../src/tools/manifest.ts';

const tools = manifest();
const visible = ({ name, description, inputSchema }: (typeof tools)[number]) => ({
  name,
  description,
  inputSchema,
});
const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const fill = (text: string, name: string, table: string) =>
  text.replace(
    new RegExp(`(<!-- ${name}: generated -->(\n?))[^]*?(<!-- /${name} -->)`),
    (_, start: string, newline: string, end: string) => start + table + newline + end,
  );

test('tools.manifest.json matches the source (`npm run manifest` updates it)', async () => {
  await expect(
    `${JSON.stringify({ categories: actionsByCategory(), tools }, undefined, 1)}\n`,
  ).toMatchFileSnapshot('../../tools.manifest.json');
});

test.each([
  ['tools', toolTable],
  ['options', optionsMarkdown],
])(
  'docs/%s.md has the table generated from the source (`npm run manifest` updates it)',
  async (name, table) => {
    const file = `../../docs/${name}.md`;
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    await expect(fill(text, name, table())).toMatchFileSnapshot(file);
  },
);

test('README has the list of clients generated from the source (`npm run manifest` updates it)', async () => {
  const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  await expect(fill(text, 'clients', clientsMarkdown())).toMatchFileSnapshot('../../README.md');
});

test.each(skillFiles())(
  'the plugin for Claude Code has the skill $name (`npm run manifest` updates it)',
  async ({ name, text }) => {
    await expect(text).toMatchFileSnapshot(`../../packaging/claude-code/skills/${name}/SKILL.md`);
  },
);

test('names, descriptions and input schemas take at most 50 KB for a desktop, the complete list at most 110 KB', () => {
  const forDesktop = tools.filter(({ needsEngine, ui }) => !needsEngine && !ui?.appOnly);
  expect(size(forDesktop.map(visible))).toBeLessThanOrEqual(50_000);
  expect(size({ tools: forDesktop })).toBeLessThanOrEqual(110_000);
});

test('a tool that needs the engine takes at most 700 bytes without its output schema', () => {
  for (const tool of tools.filter(({ needsEngine }) => needsEngine))
    expect(size(visible(tool)), tool.name).toBeLessThanOrEqual(700);
});

const members = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

/** Returns what strict clients refuse in a schema. */
function refusedIn(schema: unknown, path: string): string[] {
  const keys = members(schema);
  const names = keys.map(([key]) => key);
  // prefixItems: validators of older dialects read a tuple (items: false) as an array that must be empty.
  const refused = names.filter((key) => ['$schema', '$ref', '$defs', 'prefixItems'].includes(key));
  const isTyped = names.some((key) => ['type', 'anyOf', 'oneOf', 'enum', 'const'].includes(key));
  return [
    ...refused.map((key) => `${path} has ${key}`),
    ...(isTyped ? [] : [`${path} has no type`]),
    ...keys.flatMap(([key, value]) => {
      if (key === 'type') return typeof value === 'string' ? [] : [`${path} has several types`];
      if (key === 'properties')
        return members(value).flatMap(([name, member]) => refusedIn(member, `${path}.${name}`));
      if (key === 'items' || (key === 'additionalProperties' && typeof value !== 'boolean'))
        return refusedIn(value, `${path}.${key}`);
      if (['anyOf', 'oneOf', 'allOf'].includes(key))
        return members(value).flatMap(([index, option]) => refusedIn(option, `${path}.${key}[${index}]`));
      return [];
    }),
  ];
}

test('no published schema has what strict clients refuse: type lists, references, members without a type, or a root that is no object', () => {
  const problems = tools.flatMap(({ name, inputSchema, outputSchema = { type: 'object' } }) =>
    Object.entries({ inputSchema, outputSchema }).flatMap(([side, schema]) => [
      ...refusedIn(schema, `${name}.${side}`),
      ...(schema.type === 'object' ? [] : [`${name}.${side} is not an object at its root`]),
      ...['anyOf', 'oneOf', 'allOf']
        .filter((key) => key in schema)
        .map((key) => `${name}.${side} has ${key} at its root`),
    ]),
  );
  expect(problems).toEqual([]);
});

test('the check finds each of these', () => {
  for (const schema of [
    {},
    { type: ['string', 'null'] },
    { $ref: '#/x' },
    { type: 'object', properties: { a: {} } },
    { type: 'array', items: { anyOf: [{ type: 'string' }, {}] } },
    { type: 'object', additionalProperties: {} },
  ]) {
    expect(refusedIn(schema, 'x'), JSON.stringify(schema)).not.toEqual([]);
  }
});
