import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Host } from '../../../src/backends/engine/process/host.ts';
import { temporaryEngine } from '../../support/collection.ts';
import type { Json } from '../../../src/lib/json.ts';

const { engine, close } = temporaryEngine();
let cards: readonly number[];
let notes: readonly number[];

beforeAll(async () => {
  const modelName = 'Basic (and reversed card)';
  await engine.call('addNotes', {
    notes: Array.from({ length: 600 }, (_, index) => ({
      deckName: 'Default',
      modelName,
      fields: { Front: `front ${index} [sound:a.mp3]`, Back: 'b'.repeat(index % 90) },
    })),
  });
  notes = await engine.call('findNotes', { query: '' });
  cards = await engine.call('findCards', { query: '' });
});
afterAll(close);

/** Starts calls at the same time and returns their names in the order in which they end. */
async function orderOf(calls: Readonly<Record<string, () => Promise<unknown>>>): Promise<string[]> {
  const ended: string[] = [];
  await Promise.all(Object.entries(calls).map(async ([name, call]) => call().then(() => ended.push(name))));
  return ended;
}

test.each([
  ['cardsInfo', () => ({ cards })],
  ['notesInfo', () => ({ notes })],
  ['notesInfo', () => ({ query: 'deck:Default' })],
] as const)('calls run between the parts of a long %s', async (name, params) => {
  const order = await orderOf({
    long: () => engine.request(name, params()),
    read: () => engine.call('deckNames', {}),
    write: () => engine.call('createDeck', { deck: 'New' }),
  });
  expect(order).toEqual(['read', 'write', 'long']);
});

test('no call runs between the parts of a long read in a batch', async () => {
  const actions = [{ action: 'cardsInfo', version: 6, params: { cards } }];
  const order = await orderOf({
    batch: () => engine.call('multi', { actions }),
    read: () => engine.call('deckNames', {}),
  });
  expect(order).toEqual(['batch', 'read']);
});

test('no call runs between the parts of a long read in an undo step', async () => {
  const ended: string[] = [];
  let read: Promise<unknown> = Promise.resolve();
  await engine.together(async ({ request }) => {
    read = engine.call('deckNames', {}).then(() => ended.push('read'));
    await request('cardsInfo', { cards });
    ended.push('long');
  });
  await read;
  expect(ended).toEqual(['long', 'read']);
});

test('a write between the parts of a long read shows in the later cards only, and all keep their order', async () => {
  const id = notes.at(-1) ?? 0;
  const long = engine.call('cardsInfo', { cards });
  await engine.call('updateNoteFields', { note: { id, fields: { Back: 'changed meanwhile' } } });
  await engine.call('deleteNotes', { notes: notes.slice(0, 1) });
  const infos = await long;
  expect(infos.map(({ cardId }) => cardId)).toEqual(cards);
  expect(infos.at(-1)?.fields?.['Back']?.value).toBe('changed meanwhile');
  expect(infos[0]?.fields?.['Front']?.value).toContain('front 0');
  notes = notes.slice(1);
  cards = cards.slice(2);
});

test.each([
  ['cardsInfo', 'cards', () => cards],
  ['notesInfo', 'notes', () => notes],
] as const)(
  '%s of doubled, missing and mixed ids returns what each id returns alone',
  async (name, key, ids) => {
    const wanted = ids().flatMap((id, index) => (index % 7 === 0 ? [id, 77 + index, id] : [id]));
    const whole: readonly Json[] = await engine.request(name, { [key]: wanted });
    const alone = new Map<number, Json>();
    for (const id of new Set(wanted)) alone.set(id, (await engine.request(name, { [key]: [id] }))[0] ?? null);
    expect(whole).toEqual(wanted.map((id) => alone.get(id)));
  },
);

test('a wrong id anywhere refuses the whole list', async () => {
  await expect(engine.request('cardsInfo', { cards: [...cards, 'text'] })).rejects.toThrow(
    "'str' object cannot be interpreted as an integer",
  );
});

test('cardsInfo has a bounded number of requests in flight, and reads the rows of cards together', async () => {
  const flight = { now: 0, most: 0 };
  const counted = async <T>(reply: Promise<T>): Promise<T> => {
    flight.most = Math.max(flight.most, ++flight.now);
    return reply.finally(() => flight.now--);
  };
  // oxlint-disable-next-line typescript/unbound-method -- called with the `this` of the spy
  const { chain } = Host.prototype;
  vi.spyOn(Host.prototype, 'chain').mockImplementation(async function (this: Host, ...args) {
    return counted(chain.apply(this, args));
  });
  const calls = vi.spyOn(Host.prototype, 'call');
  await engine.call('multi', { actions: [{ action: 'cardsInfo', version: 6, params: { cards } }] });
  expect(flight.most).toBe(50);
  const names = new Set(calls.mock.calls.map(([name]) => name));
  expect([...names].filter((name) => name === 'get_card' || name === 'get_note')).toEqual([]);
  vi.restoreAllMocks();
});
