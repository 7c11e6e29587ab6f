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
const filled = { deck: 'A/B::C?#', text: 'TEXT-OF-MINE', noteType: 'Cloze', language: 'Deutsch' };
const argumentsOf = (prompt: { arguments?: { name: string }[] | undefined }): Record<string, string> =>
  Object.fromEntries((prompt.arguments ?? []).map(({ name }) => [name, `«${name}»`]));

test('every argument of every prompt reaches its text, and none is left open', async () => {
  const { prompts } = await assistant.client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual([
    'makeCards',
    'studyAloud',
    'repairLeeches',
    'tidyTags',
    'explainMyWeek',
  ]);
  for (const prompt of prompts) {
    const given = argumentsOf(prompt);
    const text = await textOf(prompt.name, given);
    for (const value of Object.values(given)) expect(text, prompt.name).toContain(value);
    const required = Object.fromEntries(
      (prompt.arguments ?? []).filter(({ required }) => required).map(({ name }) => [name, 'x']),
    );
    expect(await textOf(prompt.name, required)).not.toMatch(/undefined|false|«/);
  }
});

test('cards are made from the text as it is, with the deck and note type that were chosen', async () => {
  const text = await textOf('makeCards', filled);
  expect(text).toContain('- Deck: "A/B::C?#".');
  expect(text).toContain('- Note type: "Cloze".');
  expect(text).toContain('<text>\nTEXT-OF-MINE\n</text>');
  expect(text).toContain('One fact a card');
});

test('what clients leave empty is as if it were not given', async () => {
  const empty = { text: 'x', deck: '', noteType: ' ', language: '' };
  expect(await textOf('makeCards', empty)).toBe(await textOf('makeCards', { text: 'x' }));
  await expect(textOf('makeCards', { text: '' })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining('needs the argument "text"'),
  });
});

test.each([
  ['makeCard', {}, 'There is no prompt "makeCard"; did you mean "makeCards"?'],
  ['sing', {}, 'there are: makeCards, studyAloud'],
  ['tidyTags', { tags: 'x' }, 'There is no argument "tags"; did you mean "tag"?'],
  ['studyAloud', {}, 'needs the argument "deck"'],
])('%s with %j is refused with a hint', async (name, args, hint) => {
  await expect(textOf(name, args)).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining(hint),
  });
});

test('a prompt says which of its tools the server was started without', async () => {
  const readOnly = manifest().filter(({ annotations }) => annotations.readOnlyHint);
  const careful = await Assistant.of(engine, { tools: readOnly });
  expect(await textOf('tidyTags', {}, careful)).toContain('without replaceTags, clearUnusedTags:');
  expect(await textOf('explainMyWeek', {}, careful)).not.toContain('started without');
  expect(await textOf('tidyTags')).not.toContain('started without');
  await careful.close();
});

const completed = async (name: string, argument: string, value: string): Promise<string[]> => {
  const ref = { type: 'ref/prompt' as const, name };
  return (await assistant.client.complete({ ref, argument: { name: argument, value } })).completion.values;
};

test('arguments are completed from the collection', async () => {
  expect(await completed('makeCards', 'deck', 'a')).toEqual(['A/B', 'A/B::C?#', 'Default']);
  expect(await completed('studyAloud', 'deck', 'n1')).toEqual(['日本語::N1']);
  expect(await completed('makeCards', 'noteType', 'clo')).toEqual(['Cloze']);
  expect(await completed('tidyTags', 'tag', 'verb')).toEqual(await sortedTags('verb'));
  expect(await completed('makeCards', 'text', 'x')).toEqual([]);
  await expect(completed('makeCards', 'dek', '')).rejects.toMatchObject({ code: -32602 });
});

const sortedTags = async (beginning: string) =>
  (await engine.call('getTags', {})).filter((tag) => tag.toLowerCase().startsWith(beginning)).toSorted();

test('the tools that prompts speak of exist', async () => {
  const { prompts } = await assistant.client.listPrompts();
  const texts = await Promise.all(prompts.map((prompt) => textOf(prompt.name, argumentsOf(prompt))));
  const words = new Set(texts.join('\n').match(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g));
  const known = new Set([...manifest().map(({ name }) => name), 'dryRun', 'noteType']);
  expect([...words].filter((word) => !known.has(word))).toEqual([]);
});
