import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clientsMarkdown, optionsMarkdown } from '../../src/cli/help.ts';
import { manifest, toolTable } from '../../src/tools/manifest.ts';

const tools = manifest();
const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const fill = (text: string, name: string, table: string) =>
  text.replace(
    new RegExp(`(<!-- ${name}: generated -->(\n?))[^]*?(<!-- /${name} -->)`),
    (_, start: string, newline: string, end: string) => start + table + newline + end,
  );

test('tools.manifest.json matches the source (`npm run manifest` updates it)', async () => {
  await expect(`${JSON.stringify({ tools }, undefined, 1)}\n`).toMatchFileSnapshot(
    '../../tools.manifest.json',
  );
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

test('names, descriptions and input schemas take at most 46 KB, the complete list at most 100 KB', () => {
  const visible = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  expect(size(visible)).toBeLessThanOrEqual(46_000);
  expect(size({ tools })).toBeLessThanOrEqual(100_000);
});

test('no schema contains keywords that strict clients refuse', () => {
  const problems: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      // prefixItems: validators of older dialects read a tuple (items: false) as an array that must be empty.
      if (['$schema', '$ref', '$defs', 'prefixItems'].includes(key)) problems.push(`${path}.${key}`);
      look(member, `${path}.${key}`);
    }
  };
  for (const { name, inputSchema, outputSchema = { type: 'object' } } of tools) {
    for (const [side, schema] of Object.entries({ inputSchema, outputSchema })) {
      look(schema, `${name}.${side}`);
      if (schema.type !== 'object') problems.push(`${name}.${side} is not an object at its root`);
      for (const key of ['anyOf', 'oneOf', 'allOf'])
        if (key in schema) problems.push(`${name}.${side} has ${key}`);
    }
  }
  expect(problems).toEqual([]);
});
