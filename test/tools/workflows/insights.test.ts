import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine } from '../../../src/backends/engine/engine.ts';
import { install } from '../../../src/backends/engine/process/install.ts';
import { dateInDays } from '../../../src/tools/anki-day.ts';
import { desktop } from '../../support/desktop.ts';
import { add, ask, engine, folder } from '../../support/insights.ts';

const cardOf = async (note: number): Promise<number> => {
  const [card = 0] = await engine.call('findCards', { query: `nid:${note}` });
  return card;
};

let entry = 0;

/** Returns noon of a past day in epoch milliseconds. Anki's days begin at 4 a.m. */
function noon(daysAgo: number): number {
  const date = new Date(Date.now() - 4 * 3_600_000);
  date.setDate(date.getDate() - daysAgo);
  return date.setHours(12, 0, 0, 0);
}

/** Adds reviews of a card with an interval of 30 days to the log, one per minute. */
const reviewed = (card: number, eases: readonly number[], { seconds = 5, daysAgo = 1 } = {}) =>
  engine.call('insertReviews', {
    reviews: eases.map((ease) => [
      noon(daysAgo) + ++entry * 60_000,
      card,
      -1,
      ease,
      30,
      30,
      2500,
      seconds * 1000,
      1,
    ]),
  });

const set = (card: number, key: string, value: number) =>
  engine.request('setSpecificValueOfCard', { card, keys: [key], newValues: [value], warning_check: true });

test('lists weak cards with reasons, the worst first', async () => {
  const leech = await cardOf(await add('A', 'so hard', { tags: ['leech'] }));
  const slow = await cardOf(await add('A', 'so long'));
  const fine = await cardOf(await add('A', 'easy'));
  await reviewed(leech, [1, 1, 3, 1, 1]);
  await set(leech, 'lapses', 4);
  await engine.call('suspend', { cards: [leech] });
  await reviewed(slow, [3, 3], { seconds: 40 });
  for (const back of [2, 3, 4]) await reviewed(fine, [3, 3, 1], { daysAgo: back, seconds: 4 });
  await set(fine, 'lapses', 1);
  const {
    result: { weak },
  } = await ask({ sections: ['weak'], slow: true });
  const { result: lapsesOnly } = await ask({ sections: ['weak'] });
  expect(lapsesOnly.weak.samples.map(({ question }: { question: string }) => question)).toEqual([
    'so hard',
    'easy',
  ]);
  expect(weak).toMatchObject({
    leeches: { cards: 1, search: 'tag:leech prop:lapses>0' },
    oftenForgotten: { cards: 1, search: 'prop:lapses>=4' },
    search: `cid:${leech},${slow},${fine}`,
    samples: [
      { question: 'so hard', deck: 'A', why: 'leech; 4 lapses; Again 4 of 5 times (80 %); suspended' },
      { question: 'so long', why: '40 s per answer, usually 5 s' },
      { question: 'easy', why: '1 lapse; Again 3 of 9 times (33 %)' },
    ],
  });
});

test('calculates retention by deck, the lowest first', async () => {
  const [a, b] = [await cardOf(await add('A', 'a')), await cardOf(await add('B', 'b'))];
  await reviewed(
    a,
    Array.from({ length: 20 }, () => 3),
  );
  await reviewed(b, [1, 1, 1, 1, 1, 3, 3, 4, 2, 3]);
  await reviewed(b, [1, 1, 1], { daysAgo: 60 });
  const {
    result: { retention },
  } = await ask({ sections: ['retention'] });
  expect(retention).toMatchObject({
    all: { reviews: 30, remembered: '████████░░ 83 %' },
    mature: { reviews: 30 },
    samples: [
      { deck: 'B', reviews: 10, remembered: '█████░░░░░ 50 %', search: 'deck:"B" rated:30:1' },
      { deck: 'A', reviews: 20, remembered: '██████████ 100 %' },
    ],
  });
  const { result: inA } = await ask({ sections: ['retention'], deck: 'a' });
  expect(inA).toMatchObject({ deck: 'A', retention: { all: { reviews: 20 } } });
});

test('retention counts only reviews of cards that had left learning, and separates young and mature cards', async () => {
  const card = await cardOf(await add('A', 'a'));
  const answer = (ease: number, lastIvl: number, type: number) => [
    noon(1) + ++entry * 60_000,
    card,
    -1,
    ease,
    30,
    lastIvl,
    2500,
    5000,
    type,
  ];
  const [learning, review, relearning, filtered, manual] = [0, 1, 2, 3, 4];
  const reviews = [
    answer(3, 21, review),
    answer(2, 22, review),
    answer(1, 21, review),
    answer(3, 20, review),
    answer(1, 1, review),
    // None of these counts:
    answer(0, 21, review), // no answer of the user
    ...[learning, relearning, filtered].map((type) => answer(1, 1, type)),
    answer(0, 21, manual),
  ];
  await engine.call('insertReviews', { reviews });
  const {
    result: { retention },
  } = await ask({ sections: ['retention'] });
  const note = 'too few reviews for a reliable rate';
  expect(retention).toMatchObject({
    all: { reviews: 5, remembered: '██████░░░░ 60 %', note },
    mature: { reviews: 3, remembered: '███████░░░ 67 %', note },
    young: { reviews: 2, remembered: '█████░░░░░ 50 %', note },
  });
});

test('forecast counts overdue cards with those of today, then each of 14 days with its date', async () => {
  for (const [index, days] of ['0', '1', '1', '6', '20', '40'].entries()) {
    await engine.call('setDueDate', { cards: [await cardOf(await add('A', `${index}`))], days });
  }
  const late = await cardOf(await add('A', 'late'));
  await engine.call('setDueDate', { cards: [late], days: '0' });
  await set(late, 'due', -1);
  await add('A', 'new');
  const out = await cardOf(await add('A', 'suspended'));
  await engine.call('setDueDate', { cards: [out], days: '1' });
  await engine.call('suspend', { cards: [out] });
  const {
    result: { forecast },
  } = await ask({ sections: ['forecast'], deck: 'A' });
  expect(forecast).toMatchObject({
    dueToday: { date: dateInDays(0), cards: 2, overdue: 1 },
    nextDays: Array.from({ length: 14 }, (_, index) => ({
      date: dateInDays(index + 1),
      cards: { 0: 2, 5: 1 }[index] ?? 0,
    })),
    next14Days: { cards: 3, chart: '█····▄········' },
    next30Days: { cards: 6, perDay: 0.2 },
    newWaiting: { cards: 1, search: 'deck:"A" is:new -is:suspended' },
  });
  const found = await engine.call('findCards', { query: String(forecast.next30Days.search) });
  expect(found).toHaveLength(6);
});

test('workload counts the days studied and the streak up to yesterday', async () => {
  const card = await cardOf(await add('A', 'a'));
  for (const daysAgo of [1, 2, 4]) await reviewed(card, [3, 3], { daysAgo });
  const {
    result: { workload },
  } = await ask({ sections: ['workload'] });
  expect(workload).toMatchObject({ answers: 6, daysStudied: 3, streak: 2, today: 0 });
  expect(workload.chart).toMatch(/^·{25}█·██·  \S+ to \S+, most 2$/);
});

test('finds duplicates across decks, and across note types on request, ignoring markup and case', async () => {
  const first = await add('A', 'The <b>Dog</b>!');
  const second = await engine.call('addNote', {
    note: {
      deckName: 'B',
      modelName: 'Basic (and reversed card)',
      fields: { Front: 'the&nbsp;dog', Back: 'x' },
    },
  });
  await add('A', '猫');
  await add('A', '犬');
  await add('A', '?');
  await add('A', '!');
  const { result: same } = await ask({ sections: ['duplicates'] });
  expect(same.duplicates).toEqual({
    criterion:
      'Same first field and note type, in all decks. Formatting, letter case, spaces and punctuation are ignored.',
    groups: 0,
    notes: 0,
  });
  const {
    result: { duplicates },
  } = await ask({ sections: ['duplicates'], acrossTypes: true });
  expect(duplicates).toEqual({
    criterion:
      'Same first field, in notes of any type, in all decks. Formatting, letter case, spaces and punctuation are ignored.',
    groups: 1,
    notes: 2,
    samples: [
      {
        text: 'The Dog!',
        notes: 2,
        same: 'first field',
        types: ['Basic', 'Basic (and reversed card)'],
        decks: ['A', 'B'],
        oldestFirst: [first, second],
        search: `nid:${first},${second}`,
      },
    ],
  });
});

test('pages through all groups of duplicates, ids oldest first, and says whether all fields are the same', async () => {
  const first = await add('A', 'same', { Back: 'x' });
  const second = await add('B', 'Same', { Back: '<b>x</b>' });
  for (let index = 0; index < 130; index++) {
    await add('A', `front ${index}`, { Back: 'one' });
    await add('A', `front ${index}`, { Back: 'two' });
  }
  const seen: { text: string; same: string; oldestFirst: number[] }[] = [];
  let offset: number | undefined = 0;
  while (offset !== undefined) {
    const { result, bytes } = await ask({ sections: ['duplicates'], offset });
    expect(bytes).toBeLessThan(16_000);
    expect(result.duplicates.groups).toBe(131);
    seen.push(...result.duplicates.samples);
    offset = result.duplicates.nextOffset;
  }
  expect(seen[0]).toMatchObject({ same: 'all fields', oldestFirst: [first, second] });
  expect(seen[1]).toMatchObject({ same: 'first field' });
  expect(new Set(seen.map(({ text }) => text)).size).toBe(131);
});

test('fsrs counts cards by searches, and says so if there is no memory state', async () => {
  const cards = [await cardOf(await add('A', 'a')), await cardOf(await add('A', 'b'))];
  await engine.call('setDueDate', { cards, days: '3' });
  const { result: off } = await ask({ sections: ['fsrs'] });
  expect(off.fsrs.summary).toMatch(/^Unknown: no card here has an FSRS memory state/);
  await engine.close();
  const file = join(folder, 'collection.anki2');
  const sql = `update cards set data = '{"s":3.5,"d":9.5,"lrt":${Math.floor(Date.now() / 1000)}}' where id = ${cards[0]}`;
  const { python } = await install({ log: () => {} });
  const script = 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()';
  execFileSync(python, ['-I', '-c', script, file, sql]);
  const reopened = new Engine({ collection: file, log: () => {} });
  const { result: on } = await ask({ sections: ['fsrs'], deck: 'A' }, reopened);
  await reopened.close();
  expect(on.fsrs).toMatchObject({ cardsWithMemoryState: 1, desiredRetention: '90 %' });
  const found = Object.fromEntries(
    on.fsrs.samples.map((row: { what: string; cards: number }) => [row.what, row.cards]),
  );
  expect(found).toMatchObject({
    'stability under 7 days': 1,
    'difficulty over 80 %': 1,
    'recall 90 % and more': 1,
  });
});

test('stays within the budget and says what was cut', async () => {
  const name = (index: number) => `deck with a long name ${index} ${'x'.repeat(60)}`;
  for (let index = 0; index < 12; index++) {
    const deck = name(index);
    await engine.call('createDeck', { deck });
    const front = `${index} ${'long text '.repeat(30)}`;
    const ids = [
      await add(deck, front),
      await add(deck, front, { tags: [`tag-${index}-${'y'.repeat(60)}`] }),
    ];
    for (const id of ids) await reviewed(await cardOf(id), [1, 1, 1, 1, 1, 3]);
  }
  const { bytes, result } = await ask();
  expect(bytes).toBeLessThan(16_000);
  expect(result.duplicates).toMatchObject({ groups: 12 });
  expect(Object.keys(result)).toEqual(
    expect.arrayContaining([
      'weak',
      'retention',
      'forecast',
      'workload',
      'fsrs',
      'duplicates',
      'emptyCards',
      'tags',
      'media',
    ]),
  );
});

test('an unknown deck is refused with a suggestion, and not created', async () => {
  await engine.call('createDeck', { deck: 'Spanish' });
  expect((await ask({ deck: 'Spanisch' })).text).toContain('Did you mean "Spanish"?');
  expect(await engine.call('deckNames', {})).not.toContain('Spanisch');
  expect((await ask({ sections: ['leeches'] })).text).toContain('sections');
});

test('takes at most 6 requests on the desktop for all sections', async () => {
  const card = await cardOf(await add('A', 'a', { tags: ['leech'] }));
  await reviewed(card, [1, 1, 1, 3]);
  const { backend, requests, close: leave } = await desktop(engine);
  await ask({}, backend);
  await leave();
  expect(requests.length).toBeLessThanOrEqual(6);
});
