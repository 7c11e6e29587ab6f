import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { promptText } from '../../src/mcp/prompts/index.ts';
import { StartedServer } from '../support/started-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const skill = z.strictObject({
  uri: z.string(),
  frontmatter: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z]+(-[a-z]+)*$/)
      .max(64),
    description: z.string().min(1).max(1024),
  }),
  resources: z.array(
    z.strictObject({ uri: z.string(), digest: z.string().regex(/^sha256:[\da-f]{64}$/), size: z.int() }),
  ),
});
const complete = {
  resultType: z.literal('complete'),
  ttlMs: z.int().positive(),
  cacheScope: z.literal('public'),
};
const skillList = z.looseObject({ ...complete, skills: z.array(skill) });
const oneSkill = z.looseObject({ ...complete, skill });

const started = () => StartedServer.start('--collection', join(temporaryFolder(), 'collection.anki2'));

const textOf = async ({ client }: StartedServer, uri: string): Promise<string> => {
  const [content] = (await client.readResource({ uri })).contents;
  return content && 'text' in content ? content.text : '';
};

test('each listed skill can be read, and its digest, size and frontmatter are those of the file', async () => {
  const server = await started();
  const { client } = server;
  expect(client.getServerCapabilities()).toMatchObject({
    resources: {},
    extensions: { 'io.modelcontextprotocol/skills': {} },
  });
  const { skills } = await client.request({ method: 'skills/list', params: {} }, skillList);
  expect(skills.map(({ frontmatter }) => frontmatter.name)).toEqual([
    'good-cards',
    'repair-leeches',
    'search-syntax',
    'sound-without-files',
  ]);
  const { resources } = await client.listResources();
  for (const entry of skills) {
    const { uri, frontmatter } = entry;
    expect(uri).toBe(`skill://${frontmatter.name}/SKILL.md`);
    const text = await textOf(server, uri);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    expect(entry.resources).toEqual([{ uri, digest, size: Buffer.byteLength(text) }]);
    const [, name, description = ''] = /^---\nname: (.*)\ndescription: (.*)\n---\n\n# /.exec(text) ?? [];
    expect({ name, description: JSON.parse(description) }).toEqual(frontmatter);
    expect(text.length).toBeLessThan(8_000);
    const listed = resources.find((resource) => resource.uri === uri);
    expect(listed).toMatchObject({ ...frontmatter, mimeType: 'text/markdown' });
    const got = await client.request({ method: 'skills/get', params: { uri } }, oneSkill);
    expect(got.skill).toEqual(entry);
  }
});

test('an unknown skill is an error for invalid parameters', async () => {
  const { client } = await started();
  for (const params of [{ uri: 'skill://none/SKILL.md' }, { uri: 1 }, {}]) {
    await expect(client.request({ method: 'skills/get', params }, oneSkill)).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('skill://good-cards/SKILL.md'),
    });
  }
});

test('the prompt for making cards contains the rules of the skill', async () => {
  const text = await textOf(await started(), 'skill://good-cards/SKILL.md');
  const { text: prompt } = promptText('makeCards', { text: 'x' }, new Set());
  const rules = /## Rules\n\n([^]*?)\n\n/.exec(text)?.[1] ?? 'none';
  expect(rules.split('\n').length).toBeGreaterThan(5);
  expect(prompt).toContain(rules);
});

test('Anki accepts the template syntax of the skill about sound, and speaks what it says', async () => {
  const server = await started();
  const text = await textOf(server, 'skill://sound-without-files/SKILL.md');
  const tags = [...text.matchAll(/\{\{tts [^{}]*:(?:Front|Text)\}\}/g)].map(([tag]) => tag);
  expect(tags.length).toBeGreaterThanOrEqual(5);
  await server.call('createModel', {
    modelName: 'Speaking',
    inOrderFields: ['Text', 'Front'],
    isCloze: true,
    cardTemplates: [{ Name: 'Card', Front: `${tags.join(' ')} {{cloze:Text}}`, Back: '{{cloze:Text}}' }],
  });
  const note = {
    deckName: 'Default',
    modelName: 'Speaking',
    fields: { Text: 'the {{c1::dog}}', Front: 'word' },
  };
  expect((await server.call('addNote', { note })).isError).toBe(false);
  const { text: shown } = await server.call('viewCards', { query: 'deck:Default' });
  expect(shown).not.toMatch(/unknown|error|\{\{/i);
});
