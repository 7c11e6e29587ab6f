import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';
import { outcomeOf } from '../support/countable-writes.ts';
import { problemsOf } from '../support/database-check.ts';
import { addNotes, series } from '../support/guarded-server.ts';
import { hostPython } from '../support/host-python.ts';
import { withHost } from '../support/review-history.ts';

const ratings = 60;

describe('Engine: process killed (SIGKILL)', () => {
  test('at any moment of a rating: stored with its review and its time, or not at all', async () => {
    const python = await hostPython();
    const { engine, close } = temporaryEngine({ python: python.path });
    onTestFinished(close);
    const assistant = await Assistant.of(engine);
    onTestFinished(() => assistant.close());
    await addNotes(engine, 'D', series('note', ratings));
    const cards = await engine.call('findCards', { query: 'deck:D' });
    const study = (action: string, more = {}) => assistant.call('study', { action, ...more });
    for (const [at, cardId] of cards.entries()) {
      const isStudy = at % 2 === 0;
      if (isStudy) {
        await study('start', { query: `cid:${cardId}` });
        await study('reveal');
      }
      const rating = isStudy
        ? study('rate', { rating: 3 })
        : outcomeOf(engine.call('answerCards', { answers: [{ cardId, ease: 3 }] }));
      if (at % 10 === 9) await rating;
      else await sleep((at * 7) % 12);
      python.signal('SIGKILL');
      await rating;
      await engine.call('findCards', { query: 'deck:D' });
    }
    expect(await problemsOf(engine)).toBe('');
    await engine.close();
    const rows = await withHost(engine.place, (host) =>
      host.query(
        `select reps, json_extract(iif(data = '', '{}', data), '$.lrt') is not null,
         (select count() from revlog where cid = cards.id) from cards`,
      ),
    );
    const rated = rows.filter(([reps]) => reps === 1);
    expect(rated).toEqual(rated.map(() => [1, 1, 1]));
    expect(rows.filter(([reps]) => reps !== 1)).toEqual(
      Array.from({ length: ratings - rated.length }, () => [0, 0, 0]),
    );
    expect(rated.length).toBeGreaterThanOrEqual(Math.floor(ratings / 10));
  });
});
