import { expect, onTestFinished, test } from 'vitest';
import type { Backend } from '../../../src/contract/backend.ts';
import { dateInDays } from '../../../src/tools/anki-day.ts';
import { Assistant } from '../../support/assistant.ts';
import { desktop } from '../../support/desktop.ts';
import { addNotes } from '../../support/guarded-server.ts';
import { engine } from '../../support/saving.ts';

interface Summary {
  readonly id: number;
  readonly due: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly cardDetails?: readonly Readonly<Record<string, unknown>>[];
}

async function assistantOf(backend: Backend): Promise<Assistant> {
  const assistant = await Assistant.of(backend);
  onTestFinished(() => assistant.close());
  return assistant;
}

async function overDesktop() {
  const connection = await desktop(engine);
  onTestFinished(connection.close);
  return connection;
}

/** Returns what searchNotes finds, oldest first. */
async function search(backend: Backend, args: object): Promise<Summary[]> {
  const { text, isError } = await (await assistantOf(backend)).call('searchNotes', { ...args });
  expect(isError, text).toBe(false);
  const { result }: { result: Summary[] } = JSON.parse(text);
  return result.toReversed();
}

const cardsOf = (note: number) => engine.call('findCards', { query: `nid:${note}` });

/** Sets columns of a card directly. */
const set = (card: number, columns: Readonly<Record<string, number>>) =>
  engine.request('setSpecificValueOfCard', {
    card,
    keys: Object.keys(columns),
    newValues: Object.values(columns),
    warning_check: true,
  });

const backends: [string, () => Promise<Backend>][] = [
  ['the engine', async () => engine],
  ['the desktop', async () => (await overDesktop()).backend],
];

test.each(backends)('searchNotes on %s says when the first card of each note is due', async (_, connect) => {
  const fronts = ['new', 'today', 'tomorrow', 'soon', 'far', 'late', 'suspended', 'buried', 'step'];
  const notes = await addNotes(engine, 'D', fronts);
  const cards = (await Promise.all(notes.map(cardsOf))).map(([card = 0]) => card);
  const [, today = 0, tomorrow = 0, soon = 0, far = 0, late = 0, suspended = 0, buried = 0, step = 0] = cards;
  for (const [card, days] of [
    [today, '0'],
    [tomorrow, '1'],
    [soon, '9'],
    [far, '4321'],
    [late, '0'],
    [suspended, '3'],
  ] as const)
    await engine.call('setDueDate', { cards: [card], days });
  const [{ due: dayNumber = 0 } = {}] = await engine.call('cardsInfo', { cards: [late] });
  await set(late, { due: dayNumber - 3 });
  await engine.call('suspend', { cards: [suspended] });
  await set(buried, { queue: -2 });
  await engine.call('answerCards', { answers: [{ cardId: step, ease: 1 }] });
  await set(step, { due: Math.floor(Date.now() / 1000) + 20 * 60 + 30 });
  const found = await search(await connect(), { query: 'deck:D' });
  expect(Object.fromEntries(found.map(({ fields, due }) => [fields['Front'], due]))).toEqual({
    new: 'new',
    today: `today, ${dateInDays(0)}`,
    tomorrow: `tomorrow, ${dateInDays(1)}`,
    soon: `in 9 days, ${dateInDays(9)}`,
    far: `in 4321 days, ${dateInDays(4321)}`,
    late: `overdue by 3 days, since ${dateInDays(-3)}`,
    suspended: 'suspended',
    buried: 'buried',
    step: expect.stringMatching(/^in (20|21) minutes$/),
  });
});

test.each(backends)('searchNotes on %s lists each card with its schedule', async (_, connect) => {
  const note = await engine.call('addNote', {
    note: {
      deckName: 'German::Verbs',
      modelName: 'Basic (and reversed card)',
      fields: { Front: 'a', Back: 'b' },
    },
  });
  const [first = 0, second = 0] = await cardsOf(note);
  await engine.call('setDueDate', { cards: [first], days: '12!' });
  await set(first, { factor: 2150, lapses: 3 });
  await engine.call('setDueDate', { cards: [second], days: '5' });
  await engine.call('suspend', { cards: [second] });
  const [found] = await search(await connect(), { query: `nid:${note}`, cards: true });
  expect(found).toMatchObject({ due: `in 12 days, ${dateInDays(12)}` });
  expect(found?.cardDetails).toEqual([
    {
      id: first,
      template: 'Card 1',
      state: 'review',
      deck: 'German::Verbs',
      due: `in 12 days, ${dateInDays(12)}`,
      interval: 12,
      ease: 2.15,
      lapses: 3,
    },
    {
      id: second,
      template: 'Card 2',
      state: 'suspended',
      deck: 'German::Verbs',
      due: `suspended, else in 5 days, ${dateInDays(5)}`,
      interval: 5,
      ease: 2.5,
      lapses: 0,
    },
  ]);
});

test('finds the due date of a suspended card by another card, and says unknown without one', async () => {
  const [suspended = 0, other = 0] = await addNotes(engine, 'D', ['suspended', 'other']);
  const [[card = 0], [probe = 0]] = [await cardsOf(suspended), await cardsOf(other)];
  await engine.call('setDueDate', { cards: [card], days: '7' });
  await engine.call('suspend', { cards: [card] });
  const dueOf = async () => {
    const [found] = await search(engine, { query: `nid:${suspended}`, cards: true });
    return found?.cardDetails?.[0]?.['due'];
  };
  expect(await dueOf()).toBe('suspended, else unknown');
  await engine.call('setDueDate', { cards: [probe], days: '2' });
  expect(await dueOf()).toBe(`suspended, else in 7 days, ${dateInDays(7)}`);
});

test('finds the due date in an old collection, whatever the interval of the card says', async () => {
  const notes = await addNotes(engine, 'D', ['a', 'b']);
  const [a = 0, b = 0] = (await Promise.all(notes.map(cardsOf))).flat();
  await engine.call('setDueDate', { cards: [a, b], days: '30' });
  await set(a, { ivl: 900 });
  await set(b, { ivl: 2 });
  for (const { due } of await search(engine, { query: 'deck:D' }))
    expect(due).toBe(`in 30 days, ${dateInDays(30)}`);
});

test('numbers the cards of a cloze note and names a card that cannot be read', async () => {
  const Text = '{{c1::a}} {{c2::b}}';
  const note = await engine.call('addNote', {
    note: { deckName: 'German::Verbs', modelName: 'Cloze', fields: { Text, 'Back Extra': '' } },
  });
  const cards = await cardsOf(note);
  const [found] = await search(engine, { query: `nid:${note}`, cards: true });
  expect(found?.cardDetails?.map(({ template }) => template).toSorted()).toEqual(['Cloze 1', 'Cloze 2']);
  await set(cards[0] ?? 0, { did: 99 });
  const [broken] = await search(engine, { query: `nid:${note}`, cards: true });
  expect(broken?.cardDetails).toContainEqual({ id: cards[0], unread: 'no such card' });
});

test('returns raw fields with html, and says how much of a cut one is missing', async () => {
  const Back = `<div class="x">${'&nbsp;long'.repeat(900)}</div>`;
  const note = await engine.call('addNote', {
    note: { deckName: 'German::Verbs', modelName: 'Basic', fields: { Front: '<b>a</b>&amp;', Back } },
  });
  const [found] = await search(engine, { query: `nid:${note}`, html: true });
  expect(found?.fields['Front']).toBe('<b>a</b>&amp;');
  expect(found?.fields['Back']).toContain(`… (cut: notesInfo returns all ${Back.length} characters)`);
});

test('viewCards and the resources of cards and notes show state and due date', async () => {
  const [note = 0] = await addNotes(engine, 'D', ['a']);
  const [card = 0] = await cardsOf(note);
  const assistant = await assistantOf(engine);
  const resource = async (uri: string) => {
    const { contents } = await assistant.client.readResource({ uri });
    const [content] = contents;
    return JSON.parse(content && 'text' in content ? content.text : '{}');
  };
  const heading = async () => (await assistant.call('viewCards', { cards: [card] })).text.split('\n')[0];
  expect(await heading()).toBe(`Card ${card}, note ${note}, new, deck D, type Basic`);
  await engine.call('setDueDate', { cards: [card], days: '3' });
  const due = `in 3 days, ${dateInDays(3)}`;
  expect(await heading()).toBe(`Card ${card}, note ${note}, review, due ${due}, deck D, type Basic`);
  expect((await assistant.call('viewCards', { cards: [card] })).text).toContain(
    '\n\nAnswer (below the question):\n',
  );
  expect(await resource(`anki://card/${card}`)).toMatchObject({ state: 'review', due });
  expect(await resource(`anki://note/${note}`)).toMatchObject({ cards: [{ state: 'review', due }] });
});

test.each([
  ['searchNotes', { query: 'deck:D', limit: 30 }, 4],
  ['searchNotes', { query: 'deck:D', limit: 30, cards: true }, 4],
  ['viewCards', { query: 'deck:D' }, 3],
])('%s with %j takes %i requests on the desktop', async (name, args, requestCount) => {
  const notes = await addNotes(
    engine,
    'D',
    Array.from({ length: 30 }, (_, index) => `front ${index}`),
  );
  const cards = (await Promise.all(notes.map(cardsOf))).flat();
  await engine.call('setDueDate', { cards, days: '40!' });
  const { backend, requests } = await overDesktop();
  const { text } = await (await assistantOf(backend)).call(name, args);
  expect(text).toContain(`in 40 days, ${dateInDays(40)}`);
  expect(requests).toHaveLength(requestCount);
});
