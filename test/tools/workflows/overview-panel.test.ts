import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { Assistant } from '../../support/assistant.ts';
import { bothBackends } from '../../support/both-backends.ts';
import { addNotes } from '../../support/guarded-server.ts';
import { panelClient } from '../../support/panel-host/client.ts';
import { engine } from '../../support/saving.ts';
import type { Backend } from '../../../src/contract/backend.ts';

async function connect(backend: Backend = engine, client = panelClient()): Promise<Assistant> {
  const assistant = await Assistant.of(backend, {}, client);
  onTestFinished(() => assistant.close());
  return assistant;
}

const days = z.looseObject({ start: z.string(), counts: z.array(z.int()) });
const viewSchema = z.looseObject({
  decks: z.array(z.looseObject({ name: z.string(), new: z.int(), cards: z.int() })),
  today: z.looseObject({ reviewed: z.int(), new: z.int() }),
  answers: days,
  forecast: days,
});

async function viewOf({ client }: Assistant, args = {}) {
  const { structuredContent } = await client.callTool({ name: 'overviewPanel', arguments: args });
  return viewSchema.parse(structuredContent);
}

test.each(bothBackends)('on %s, the panel gets its numbers from Anki in few requests', async (_, open) => {
  await addNotes(engine, 'P', ['a', 'b', 'c']);
  await addNotes(engine, 'P::C', ['d', 'e']);
  const [due = 0, overdue = 0, answered = 0] = await engine.call('findCards', { query: 'deck:P' });
  await engine.call('setDueDate', { cards: [due], days: '20' });
  await engine.call('setDueDate', { cards: [overdue], days: '0' });
  await engine.call('setSpecificValueOfCard', { card: overdue, keys: ['due'], newValues: [-2] });
  await engine.call('answerCards', { answers: [{ cardId: answered, ease: 4 }] });
  const { backend, requests } = await open();
  const assistant = await connect(backend);
  const before = requests() ?? 0;
  const view = await viewOf(assistant);
  expect((requests() ?? 0) - before).toBeLessThanOrEqual(4);
  expect(view.today).toEqual({ reviewed: 1, new: 2, learning: 0, due: 1 });
  expect(view.decks.filter(({ name }) => name.startsWith('P'))).toEqual([
    { name: 'P', new: 2, learning: 0, due: 1, cards: 5 },
    { name: 'P::C', new: expect.any(Number), learning: 0, due: expect.any(Number), cards: 2 },
  ]);
  // Changes of due dates are no answers.
  expect(view.answers).toMatchObject({ streak: 1 });
  expect(view.answers.counts).toHaveLength(371);
  expect(view.answers.counts.at(-1)).toBe(1);
  expect(view.forecast).toMatchObject({ overdue: 1 });
  expect(view.forecast.counts).toHaveLength(30);
  expect(view.forecast.counts[20]).toBe(1);
});

test('the panel about a deck leaves other decks out, and an unknown deck is an error', async () => {
  await addNotes(engine, 'P::C', ['a', 'b']);
  await addNotes(engine, 'Q', ['c']);
  const assistant = await connect();
  const view = await viewOf(assistant, { deck: 'p' });
  expect(view).toMatchObject({ deck: 'P', today: { new: 2 } });
  expect(view.decks.map(({ name }) => name)).toEqual(['P', 'P::C']);
  expect((await assistant.call('overviewPanel', { deck: 'Qq' })).text).toContain('Did you mean "Q"?');
});

test('with and without panels, overview and insights say the same', async () => {
  await addNotes(engine, 'P', ['a']);
  const texts = async (assistant: Assistant) => [
    (await assistant.call('overview')).text,
    (await assistant.call('insights')).text,
  ];
  const plain = await Assistant.of(engine);
  onTestFinished(() => plain.close());
  expect(await texts(await connect())).toEqual(await texts(plain));
});
