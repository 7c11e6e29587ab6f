import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { builtServer } from '../support/built-server.ts';
import { temporaryEngine } from '../support/collection.ts';
import { note } from '../support/countable-writes.ts';
import { newCollection } from '../support/served.ts';
import { expectIntact } from '../support/database-check.ts';

const inUse = /is open in another program/;

const pauses = (numRuns: number, seed: number): number[] =>
  fc.sample(fc.integer({ min: 0, max: 40 }), { numRuns, seed });

/** Repeats a call while the collection is in use, and returns how often it was in use. Other errors fail the test. */
async function retryWhileInUse(call: () => Promise<string>): Promise<number> {
  for (let refusals = 0; ; refusals++) {
    const failure = await call();
    if (failure === '') return refusals;
    expect(failure).toMatch(inUse);
    expect(refusals).toBeLessThan(2000);
    await sleep(5);
  }
}

describe('Engine: two servers on one collection', () => {
  test('both write notes: each call works or reports the other server, and each note is stored once', async ({
    task,
  }) => {
    const collection = newCollection();
    const args = ['--collection', collection, '--idle', '0.01'];
    const servers = await Promise.all([builtServer(args), builtServer(args)]);
    let refusals = 0;
    const work = servers.map(async ({ call }, server) => {
      for (const [at, pause] of pauses(60, server).entries()) {
        refusals += await retryWhileInUse(async () => {
          const { isError, text } = await call('addNote', { note: note(`turn ${server} ${at}`) });
          return isError ? text : '';
        });
        await sleep(pause);
      }
    });
    await Promise.all(work);
    await Promise.all(servers.map(({ close }) => close()));
    expect(refusals).toBeGreaterThan(0);
    const { engine, close } = temporaryEngine({ collection });
    const notes = await engine.call('notesInfo', { query: '' });
    const fronts = notes.map(({ fields }) => fields?.['Front']?.value);
    expect(fronts).toHaveLength(120);
    expect(new Set(fronts).size).toBe(120);
    await expectIntact(engine);
    await close();
    task.meta.cases = 120;
  });

  test('both study the same deck: each rating counts once', async ({ task }) => {
    const { engine, folder, close } = temporaryEngine({ idleMs: 0 });
    const other = new Engine({ collection: join(folder, 'collection.anki2'), log: () => {}, idleMs: 0 });
    await engine.call('addNotes', { notes: Array.from({ length: 60 }, (_, at) => note(`card ${at}`)) });
    const cards = await engine.call('findCards', { query: '' });
    const reviews = async () =>
      Object.values(await engine.call('getReviewsOfCards', { cards })).flat().length;
    let answered = 0;
    const steps = fc.sample(
      fc.tuple(
        fc.boolean(),
        fc.constantFrom('guiDeckReview', 'guiShowAnswer', 'guiAnswerCard', 'guiAnswerCard'),
      ),
      { numRuns: 300, seed: 6 },
    );
    for (const [mine, step] of steps) {
      const server = mine ? engine : other;
      await retryWhileInUse(async () => {
        try {
          if (step === 'guiDeckReview') await server.call(step, { name: 'Default' });
          else if (step === 'guiShowAnswer') await server.call(step, {});
          else if (await server.call(step, { ease: 3 })) answered++;
          return '';
        } catch (error) {
          return String(error);
        }
      });
    }
    expect(answered).toBeGreaterThan(20);
    await retryWhileInUse(() =>
      reviews().then(
        (number) => {
          expect(number).toBe(answered);
          return '';
        },
        (error: unknown) => String(error),
      ),
    );
    await other.close();
    await expectIntact(engine);
    await close();
    task.meta.cases = steps.length;
  });
});
