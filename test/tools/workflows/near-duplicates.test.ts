import { expect, test } from 'vitest';
import { seededRandom } from '../../support/random.ts';
import { ask, engine } from '../../support/insights.ts';

const types = {
  Basic: ['Front', 'Back'],
  Cloze: ['Text', 'Back Extra'],
  'Basic (and reversed card)': ['Front', 'Back'],
} as const;

const note = (modelName: keyof typeof types, first: string, second = 'b') => ({
  deckName: 'A',
  modelName,
  fields: { [types[modelName][0]]: first, [types[modelName][1]]: second },
  options: { allowDuplicate: true },
});

interface Side {
  note: number;
  type: string;
  text: string;
}
interface Sample {
  likeness: string;
  a: Side;
  b: Side;
  search: string;
}

/** Adds pairs of notes. Returns their ids in the order of the pairs. */
async function addPairs(pairs: readonly (readonly ReturnType<typeof note>[])[]): Promise<string[]> {
  const ids = await engine.call('addNotes', { notes: pairs.flat() });
  return pairs.map((_, at) =>
    [ids[2 * at], ids[2 * at + 1]].toSorted((a, b) => Number(a) - Number(b)).join(),
  );
}

async function found(): Promise<{ samples: Sample[]; pairIds: string[]; notCompared?: string }> {
  const { result, text } = await ask({ sections: ['nearDuplicates'] });
  expect(result.nearDuplicates, text).toBeDefined();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests check the fields that they read
  const samples = (result.nearDuplicates.samples ?? []) as Sample[];
  const pairs = samples.map(({ a, b }) => [a.note, b.note].toSorted((x, y) => x - y).join());
  return { ...result.nearDuplicates, samples, pairIds: pairs.toSorted() };
}

const near = [
  [
    note('Basic', 'The capital of France'),
    note('Basic (and reversed card)', '<b>the capital</b> of France!'),
  ],
  [note('Basic', 'Déjà vu, encore'), note('Basic', 'Deja vu encore')],
  [note('Basic', 'to run quickly'), note('Basic', 'quickly to run')],
  [note('Basic', 'photosynthesis in plants'), note('Basic', 'photosyntesis in plants')],
  [note('Basic', 'They recieve letters'), note('Cloze', 'They {{c1::receive::verb}} letters')],
  [note('Basic', 'ice cream parlour'), note('Basic', 'icecream parlour')],
  [note('Basic', 'Ελλάδα νησιά'), note('Basic', 'Ελλαδα νησια')],
  [note('Cloze', '{{c1::Oslo}} lies in Norway'), note('Cloze', 'Oslo lies in {{c1::Norway}}')],
];

const different = [
  [note('Basic', 'Battle of 1914'), note('Basic', 'Battle of 1918')],
  [note('Basic', 'the cat sat'), note('Basic', 'the bat sat')],
  [note('Basic', 'が'), note('Basic', 'か')],
  [note('Basic', '東京都'), note('Basic', '京東郡')],
  [note('Basic', 'this is true'), note('Basic', 'this is not true')],
  [note('Basic', 'affect of light'), note('Basic', 'effect of light')],
  [note('Basic', 'capital of Sweden'), note('Basic', 'capital of Norway')],
  [note('Basic', '<i>equal</i> text'), note('Basic', 'Equal text')], // the section duplicates has these
];

test('finds the planted pairs, and only these, among 4,000 notes of several types', async () => {
  const random = seededRandom(7);
  const word = () => Array.from({ length: 7 }, () => String.fromCodePoint(97 + random(26))).join('');
  const others = Array.from({ length: 4000 }, (_, at) =>
    note(at % 2 === 0 ? 'Basic' : 'Basic (and reversed card)', `What is the ${word()} of ${word()}?`),
  );
  await engine.call('addNotes', { notes: others });
  const planted = await addPairs(near);
  await addPairs(different);
  const result = await found();
  expect(result.pairIds).toEqual(planted.toSorted());
  expect(result).toMatchObject({ pairs: near.length, advice: expect.stringContaining('deleteNotes') });
  expect(result.notCompared).toBeUndefined();
  expect(result.samples.find(({ a }: Sample) => a.text === 'They recieve letters')).toMatchObject({
    likeness: 'a typo',
    a: { type: 'Basic', deck: 'A', next: 'b' },
    b: { type: 'Cloze' },
    search: expect.stringMatching(/^nid:\d+,\d+$/),
  });
}, 120_000);

test('names texts that are too long for typos, and pages through many pairs', async () => {
  const long = Array.from({ length: 40 }, (_, at) => `word${at}`).join(' ');
  await addPairs([[note('Basic', long), note('Basic', `${long}s`)]]);
  await addPairs(
    Array.from({ length: 60 }, (_, at) => [
      note('Basic', `${at} swimming pool`),
      note('Basic', `pool ${at} swimming`),
    ]),
  );
  const first = await ask({ sections: ['nearDuplicates'] });
  expect(first.result.nearDuplicates).toMatchObject({
    pairs: 60,
    withoutTypos: '2 texts of more than 30 words',
    nextOffset: 50,
  });
  const second = await ask({ sections: ['nearDuplicates'], offset: 50 });
  expect(second.result.nearDuplicates.samples).toHaveLength(10);
});
