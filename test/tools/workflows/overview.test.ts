import { expect, onTestFinished, test } from 'vitest';
import { Assistant } from '../../support/assistant.ts';
import { desktop } from '../../support/desktop.ts';
import { addNotes, overHttp } from '../../support/guarded-server.ts';
import { engine } from '../../support/saving.ts';

test.each([
  ['the engine', async () => engine],
  ['the desktop', () => overHttp(engine)],
])('overview on %s leaves out a note without cards', async (_, connect) => {
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  const [lone = 0] = await engine.call('findCards', { query: `nid:${second}` });
  const change = { keys: ['nid'], newValues: [first], warning_check: true };
  await engine.request('setSpecificValueOfCard', { card: lone, ...change });
  const assistant = await Assistant.of(await connect());
  onTestFinished(() => assistant.close());
  expect((await assistant.call('overview')).result).toMatchObject({ notes: 2, tags: { t: 2 } });
});

test('all numbers of a deck in overview include the decks below it', async () => {
  await addNotes(engine, 'P', ['a']);
  await addNotes(engine, 'P::C', ['b', 'c']);
  await addNotes(engine, 'P::C::G', ['d']);
  const assistant = await Assistant.of(engine);
  onTestFinished(() => assistant.close());
  expect((await assistant.call('overview')).result).toMatchObject({
    decks: expect.arrayContaining([
      expect.objectContaining({ name: 'P', new: 4, cards: 4 }),
      expect.objectContaining({ name: 'P::C', new: 3, cards: 3 }),
      expect.objectContaining({ name: 'P::C::G', new: 1, cards: 1 }),
    ]),
  });
});

test('overview counts each tag over all notes, in any letter case, with 2 requests on the desktop', async () => {
  await addNotes(
    engine,
    'D',
    Array.from({ length: 300 }, (_, index) => `front ${index}`),
  );
  const { backend, requests, close } = await desktop(engine);
  onTestFinished(close);
  const assistant = await Assistant.of(backend);
  onTestFinished(() => assistant.close());
  expect((await assistant.call('overview')).result).toMatchObject({
    tags: { t: 300 },
    tagsCounted: 'in all notes, letter case ignored; getTags lists all tags',
  });
  expect(requests).toHaveLength(2);
});

test('overview and insights do not count changes of due dates as reviews', async () => {
  await addNotes(engine, 'D', ['a', 'b']);
  const cards = await engine.call('findCards', { query: 'deck:D' });
  await engine.call('setDueDate', { cards, days: '0' });
  const assistant = await Assistant.of(engine);
  onTestFinished(() => assistant.close());
  const expectAnswers = async (answers: number) => {
    expect((await assistant.call('overview')).result).toMatchObject({ today: { reviewed: answers } });
    expect((await assistant.call('insights', { sections: ['workload'] })).result).toMatchObject({
      workload: { answers, daysStudied: answers, streak: answers, today: answers },
    });
  };
  await expectAnswers(0);
  await engine.call('answerCards', { answers: cards.slice(0, 1).map((cardId) => ({ cardId, ease: 3 })) });
  await expectAnswers(1);
});
