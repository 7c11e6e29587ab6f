import { expect, onTestFinished, test } from 'vitest';
import type { Backend } from '../../../src/contract/backend.ts';
import { correctionOf } from '../../../src/tools/workflows/search-correction.ts';
import { Assistant } from '../../support/assistant.ts';
import { addNotes, overHttp } from '../../support/guarded-server.ts';
import { engine } from '../../support/saving.ts';

test.each([
  ['dog AND NOT cat', 'dog -cat'],
  ['NOT tag:verb', '-tag:verb'],
  ['dog NOT (cat or cow)', 'dog -(cat or cow)'],
  ['!tag:verb dog', '-tag:verb dog'],
  ['deck:A && tag:b', 'deck:A tag:b'],
  ['tag:a||tag:b', 'tag:a or tag:b'],
  ['tag:a | tag:b', 'tag:a or tag:b'],
  ['due:today', 'prop:due=0'],
  ['due:tomorrow', 'prop:due=1'],
  ['due<3', 'prop:due<3'],
  ['is:overdue', 'prop:due<0'],
  ['-is:overdue', '-prop:due<0'],
  ['NOT due:today', '-prop:due=0'],
  ['model:Basic', 'note:Basic'],
  ['notetype:"Basic (and reversed card)"', 'note:"Basic (and reversed card)"'],
  ['lapses>3', 'prop:lapses>3'],
  ['(lapses > 3 or ease < 2)', '(prop:lapses>3 or prop:ease<2)'],
  ['lapses:>=3', 'prop:lapses>=3'],
  ['ease<200%', 'prop:ease<2'],
  ['interval>=21', 'prop:ivl>=21'],
  ['deck=Spanish', 'deck:Spanish'],
  ['deck="My deck" x', 'deck:"My deck" x'],
  ['deck: Spanish', 'deck:Spanish'],
  ['tags:verb', 'tag:verb'],
  ['-tags:verb', '-tag:verb'],
  ['Front contains dog', 'Front:*dog*'],
  ['Front contains "hot dog"', '"Front:*hot dog*"'],
  ['"Back Extra" includes dog', '"Back Extra:*dog*"'],
  ['Front:contains:dog', 'Front:*dog*'],
  ['Front starts with dog', 'Front:dog*'],
  ['deck:“My deck”', 'deck:"My deck"'],
  ["deck:'My deck'", 'deck:"My deck"'],
  ['is:Suspended', 'is:suspended'],
  ['is:learning', 'is:learn'],
  ['flag:red', 'flag:1'],
  ['created:7', 'added:7'],
  ['rated:today', 'rated:1'],
])('corrects %s to %s', (query, corrected) => {
  expect(correctionOf(query)?.query).toBe(corrected);
});

test.each([
  'dog cat',
  '-tag:verb',
  'deck:"My deck" (is:due or is:new) -flag:1',
  'prop:lapses>3 prop:ease<2 prop:due=0',
  'Front:*dog*',
  '"re:a||b && NOT c"',
  String.raw`a\(b\"c`,
  'dog and cat or cow',
  'rated:7:1 added:3',
  'don’t',
  '',
])('leaves %s alone', (query) => {
  expect(correctionOf(query)).toBeUndefined();
});

test.each(['"', '(', '!', '+', 'contains ', 'a||', '“', "'a", 'lapses > ', 'not '])(
  'examines at most 2,000 characters of %s',
  (part) => {
    correctionOf(part.repeat(2_000 / part.length));
    expect(correctionOf(part.repeat(2_001))).toBeUndefined();
  },
);

test.each([
  ['the engine', async (): Promise<Backend> => engine],
  ['the desktop', (): Promise<Backend> => overHttp(engine)],
])('on %s, a search that finds nothing returns the corrected search and its count', async (_, connect) => {
  await addNotes(engine, 'D', ['a', 'b']);
  const assistant = await Assistant.of(await connect());
  onTestFinished(() => assistant.close());
  const query = 'deck:D AND NOT tag:x';
  const hint = (count: string) =>
    `Probably meant: deck:D -tag:x (finds 2 ${count}). Anki writes - for AND NOT.`;
  expect(JSON.parse((await assistant.call('searchNotes', { query })).text)).toEqual({
    result: [],
    total: 0,
    note: `No note was found. ${hint('notes')}`,
  });
  expect((await assistant.call('viewCards', { query })).text).toBe(`No card was found.\n${hint('cards')}`);
  expect(await assistant.call('findNotes', { query })).toMatchObject({ result: [], summary: hint('notes') });
  expect(await assistant.call('findCards', { query })).toMatchObject({ result: [], summary: hint('cards') });
  const refused = await assistant.call('searchNotes', { query: 'is:overdue' });
  expect(refused.isError).toBe(true);
  expect(refused.text).toMatch(
    /^Invalid search[^]*\n\nProbably meant: prop:due<0 \(finds 0 notes\)\. Anki writes prop:due<0 for is:overdue\.\n\nAnki's search syntax/,
  );
  expect((await assistant.call('findNotes', { query: 'nothing' })).summary).toBeUndefined();
  expect((await assistant.call('findNotes', { query: 'deck:D' })).summary).toBeUndefined();
});
