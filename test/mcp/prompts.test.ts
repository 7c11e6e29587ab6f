import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { manifest } from '../../src/tools/manifest.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';

let engine: Engine;
let close: () => Promise<void>;
let assistant: Assistant;

beforeAll(async () => {
  ({ engine, close } = temporaryEngine());
  assistant = await Assistant.of(engine);
  for (const deck of ['日本語::N1', 'A/B::C?#']) await engine.call('createDeck', { deck });
  const fields = { Front: 'x', Back: '' };
  await engine.call('addNote', {
    note: { deckName: 'Default', modelName: 'Basic', fields, tags: ['verb::b', 'Verb::a', 'noun'] },
  });
});
afterAll(async () => {
  await assistant.close();
  await close();
});

const textOf = async (name: string, args: Record<string, string> = {}, from = assistant): Promise<string> => {
  const { messages } = await from.client.getPrompt({ name, arguments: args });
  expect(messages).toHaveLength(1);
  const [message] = messages;
  expect(message?.role).toBe('user');
  return message?.content.type === 'text' ? message.content.text : '';
};
const allArguments = { deck: 'A/B::C?#', text: 'TEXT-OF-MINE', noteType: 'Cloze', language: 'Deutsch' };
const argumentsOf = (prompt: { arguments?: { name: string }[] | undefined }): Record<string, string> =>
  Object.fromEntries((prompt.arguments ?? []).map(({ name }) => [name, `«${name}»`]));

test('the text of each prompt contains every argument, and no placeholder if optional ones are missing', async () => {
  const { prompts } = await assistant.client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual([
    'makeCards',
    'studyAloud',
    'repairLeeches',
    'tidyTags',
    'explainMyWeek',
  ]);
  for (const prompt of prompts) {
    const args = argumentsOf(prompt);
    const text = await textOf(prompt.name, args);
    for (const value of Object.values(args)) expect(text, prompt.name).toContain(value);
    const required = Object.fromEntries(
      (prompt.arguments ?? []).filter(({ required }) => required).map(({ name }) => [name, 'x']),
    );
    expect(await textOf(prompt.name, required)).not.toMatch(/undefined|false|«/);
  }
});

test('makeCards contains the text unchanged, the deck and the note type', async () => {
  const text = await textOf('makeCards', allArguments);
  expect(text).toContain('- Deck: "A/B::C?#".');
  expect(text).toContain('- Note type: "Cloze".');
  expect(text).toContain('<text>\nTEXT-OF-MINE\n</text>');
  expect(text).toContain('One fact per card');
});

test('an empty argument counts as missing', async () => {
  const empty = { text: 'x', deck: '', noteType: ' ', language: '' };
  expect(await textOf('makeCards', empty)).toBe(await textOf('makeCards', { text: 'x' }));
  await expect(textOf('makeCards', { text: '' })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining('requires the argument "text"'),
  });
});

test.each([
  ['makeCard', {}, 'The prompt "makeCard" does not exist. Did you mean "makeCards"?'],
  ['sing', {}, 'Existing: makeCards, studyAloud'],
  ['tidyTags', { tags: 'x' }, 'The argument "tags" does not exist. Did you mean "tag"?'],
  ['studyAloud', {}, 'requires the argument "deck"'],
])('%s with %j fails with a hint', async (name, args, hint) => {
  await expect(textOf(name, args)).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining(hint),
  });
});

test('a prompt lists its required tools that are not offered', async () => {
  const readOnly = manifest().filter(({ annotations }) => annotations.readOnlyHint);
  const readOnlyAssistant = await Assistant.of(engine, { tools: readOnly });
  expect(await textOf('tidyTags', {}, readOnlyAssistant)).toContain(
    'without the tools replaceTags, clearUnusedTags:',
  );
  expect(await textOf('explainMyWeek', {}, readOnlyAssistant)).not.toContain('runs without');
  expect(await textOf('tidyTags')).not.toContain('runs without');
  await readOnlyAssistant.close();
});

const complete = async (name: string, argument: string, value: string): Promise<string[]> => {
  const ref = { type: 'ref/prompt' as const, name };
  return (await assistant.client.complete({ ref, argument: { name: argument, value } })).completion.values;
};

test('completes arguments from the collection', async () => {
  expect(await complete('makeCards', 'deck', 'a')).toEqual(['A/B', 'A/B::C?#', 'Default']);
  expect(await complete('studyAloud', 'deck', 'n1')).toEqual(['日本語::N1']);
  expect(await complete('makeCards', 'noteType', 'clo')).toEqual(['Cloze']);
  expect(await complete('tidyTags', 'tag', 'verb')).toEqual(await sortedTags('verb'));
  expect(await complete('makeCards', 'text', 'x')).toEqual([]);
  await expect(complete('makeCards', 'dek', '')).rejects.toMatchObject({ code: -32602 });
});

const sortedTags = async (prefix: string) =>
  (await engine.call('getTags', {})).filter((tag) => tag.toLowerCase().startsWith(prefix)).toSorted();

test('all tools that prompts mention exist', async () => {
  const { prompts } = await assistant.client.listPrompts();
  const texts = await Promise.all(prompts.map((prompt) => textOf(prompt.name, argumentsOf(prompt))));
  const words = new Set(texts.join('\n').match(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g));
  const known = new Set([...manifest().map(({ name }) => name), 'dryRun', 'noteType']);
  expect([...words].filter((word) => !known.has(word))).toEqual([]);
});
