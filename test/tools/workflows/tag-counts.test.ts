import { expect, test } from 'vitest';
import type { Note } from '../../../src/tools/reading.ts';
import { countTags, similarTags } from '../../../src/tools/workflows/tag-counts.ts';

// Anki gives a new note the spelling that it knows. Only imported collections have several.
const note = (...tags: string[]): Note => ({
  noteId: 1,
  modelName: 'Basic',
  tags,
  fields: {},
  cards: [1],
  profile: '',
  mod: 0,
});

test('merges the letter cases of a tag and names its spellings, the most frequent first', () => {
  expect(countTags([note('TODO', 'todo'), note('todo'), note('Todo'), note('b')])).toEqual([
    { tag: 'todo', notes: 3, spellings: ['todo', 'TODO', 'Todo'] },
    { tag: 'b', notes: 1, spellings: ['b'] },
  ]);
});

test('groups tags by separators and plural on each level, but not short words or different words', () => {
  const groups = similarTags(
    countTags([
      note(
        'todo',
        'to-do',
        'To_Do',
        'boxes',
        'box',
        'a::verbs',
        'a::verb',
        'b::verb',
        'is',
        'i',
        'gas',
        'ga',
        '--',
        '-',
      ),
    ]),
  );
  expect(groups.map((group) => group.map(({ tag }) => tag).toSorted())).toEqual([
    ['To_Do', 'to-do', 'todo'],
    ['a::verb', 'a::verbs'],
    ['box', 'boxes'],
  ]);
});
