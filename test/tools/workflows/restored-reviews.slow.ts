import { expect, test } from 'vitest';
import { addNotes, cardsIn, guardedServer, overHttp } from '../../support/guarded-server.ts';
import type { Backend } from '../../../src/contract/backend.ts';
import type { Engine } from '../../../src/backends/engine/engine.ts';

const backends: readonly (readonly [string, (engine: Engine) => Promise<Backend>])[] = [
  ['engine', async (engine) => engine],
  ['desktop', overHttp],
];

/** Deletes one of three reviewed notes, and rates and resets the others after that. */
async function changedSince(connect: (engine: Engine) => Promise<Backend>) {
  const server = await guardedServer('accept', { backup: 'auto' }, connect);
  const { assistant, engine } = server;
  const notes = await addNotes(engine, 'D', ['a', 'b', 'c']);
  const cards = await cardsIn(engine, 'D');
  const rate = (some: readonly number[]) =>
    engine.call('answerCards', { answers: some.map((cardId) => ({ cardId, ease: 3 as const })) });
  const log = async () => Object.values(await engine.call('getReviewsOfCards', { cards: [...cards] }));
  await rate(cards);
  expect((await assistant.call('deleteNotes', { notes: notes.slice(2) })).text).toContain('Backup: ');
  const before = await log();
  await rate(cards.slice(0, 2));
  await engine.call('forgetCards', { cards: cards.slice(0, 1) });
  return { ...server, notes, cards, log, before };
}

test.each(backends)(
  '%s: restored notes have each review once, and the result says what the log keeps',
  async (name, connect) => {
    const { assistant, notes, log, before } = await changedSince(connect);
    const changed = await log();
    const restored = await assistant.call('backups', { action: 'restore', notes });
    expect(restored.text).toContain('"restored":3');
    expect(restored.text).toContain(
      'The review log keeps 2 reviews and 1 reset or new due date of these cards since then, which statistics and FSRS count.',
    );
    expect(await log()).toEqual(changed);
    expect(before.map((rows) => rows.length)).toEqual([1, 1, 1]);
    const again = await assistant.call('backups', { action: 'restore', notes: notes.slice(2) });
    expect(again.text, name).not.toContain('review log');
  },
);

test('engine: the question and the result of a complete restore say how many reviews are lost', async () => {
  const { assistant, questions, log, before } = await changedSince(async (engine) => engine);
  const restored = await assistant.call('backups', { action: 'restore', whole: true });
  expect(questions.at(-1)).toContain(
    'All later changes are lost, 2 reviews and 1 reset or new due date among them',
  );
  expect(restored.text).toContain('2 reviews and 1 reset or new due date since the backup are lost.');
  expect(await log()).toEqual(before);
});
