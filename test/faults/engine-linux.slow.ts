import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { temporaryEngine } from '../support/collection.ts';
import { note } from '../support/countable-writes.ts';
import { hostPython, type HostPython } from '../support/host-python.ts';
import { expectIntact, problemsOf } from '../support/database-check.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let engine: Engine;
let close: () => Promise<void>;
let python: HostPython;
let moveTo: (seconds: number) => void;

/** Opens an engine with a clock that can be moved, in its host and in this process. */
beforeEach(async () => {
  const file = join(temporaryFolder(), 'offset');
  writeFileSync(file, Buffer.alloc(8));
  python = await hostPython({ within: ['moved-clock.py', file] });
  ({ engine, close } = temporaryEngine({ python: python.path, idleMs: 50 }));
  const now = Date.now.bind(Date);
  let offset = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + offset * 1000);
  const bytes = Buffer.alloc(8);
  moveTo = (seconds) => {
    offset = Math.round(seconds);
    bytes.writeBigInt64LE(BigInt(offset));
    const handle = openSync(file, 'r+');
    writeSync(handle, bytes);
    closeSync(handle);
  };
});
afterEach(async () => {
  vi.restoreAllMocks();
  await close();
});

const day = 86_400;
const since1970 = Date.now() / 1000;

/** Errors of the clock in seconds, including the reset to 1970 by an empty battery. */
const moves = [
  0,
  -1,
  -day,
  30 * day,
  0,
  -3600,
  3600,
  29 * day,
  31 * day,
  -400 * day,
  -since1970 + 100,
  10 * 365 * day,
  -day,
  0,
  0,
];

const add = (front: string): Promise<number> => engine.call('addNote', { note: note(front) });
const undo = () => engine.call('guiUndo', {});
const found = async (query: string): Promise<number> => (await engine.call('findNotes', { query })).length;

/** Returns the number of logged reviews. Expects unique ids. */
async function reviews(): Promise<number> {
  const cards = await engine.call('findCards', { query: '' });
  const log = Object.values(await engine.call('getReviewsOfCards', { cards })).flat();
  expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
  return log.length;
}

/** Expects that Anki's check repairs dates in the future and finds nothing else. */
async function expectOnlyDatesRepaired(): Promise<void> {
  const allowed = /(Added last review time|Fixed \S+ objects with timestamps)[^.]*\./g;
  for (let round = 0; round < 2; round++) {
    expect((await problemsOf(engine)).replaceAll(allowed, '').trim()).toBe('');
  }
  await expectIntact(engine);
}

/** Between two moves the program continues, closes the collection, or is killed. */
const meanwhile: readonly (() => unknown)[] = [
  () => {},
  () => sleep(120),
  () => {
    python.signal('SIGKILL');
    return sleep(120);
  },
];

describe('Engine: system clock moved', () => {
  test('between additions, changes and undo: note ids are unique, and undo reverts the last step', async ({
    task,
  }) => {
    const ids: number[] = [];
    for (const [at, seconds] of moves.entries()) {
      await meanwhile[at % meanwhile.length]?.();
      moveTo(seconds);
      ids.push(await add(`first ${at}`));
      const notes = Array.from({ length: 20 }, (_, index) => note(`more ${at} ${index}`));
      ids.push(...(await engine.call('addNotes', { notes })));
      await engine.call('updateNoteFields', {
        note: { id: ids.at(-1) ?? 0, fields: { Back: `changed ${at}` } },
      });
      moveTo(moves[(at + 5) % moves.length] ?? 0);
      await undo();
      expect(await found(`"back:changed ${at}"`)).toBe(0);
      await add(`undone ${at}`);
      await undo();
      expect(await found(`"front:undone ${at}"`)).toBe(0);
      await undo();
      expect(await found(`"front:more ${at} *"`)).toBe(0);
      ids.push(...(await engine.call('addNotes', { notes })));
    }
    const kept = await engine.call('findNotes', { query: '' });
    expect(new Set(kept).size).toBe(moves.length * 21);
    await expectOnlyDatesRepaired();
    expect(await found('front:first*')).toBe(moves.length);
    expect(await found('front:more*')).toBe(moves.length * 20);
    task.meta.cases = moves.length;
  });

  test('back to the same moment repeatedly: ids are unique', async ({ task }) => {
    const start = Date.now();
    for (let at = 0; at < 50; at++) {
      moveTo(Math.floor((start - Date.now()) / 1000));
      await add(`again ${at}`);
    }
    expect(await found('front:again*')).toBe(50);
    const cards = await engine.call('findCards', { query: '' });
    expect(new Set(cards).size).toBe(50);
    await expectIntact(engine);
    task.meta.cases = 50;
  });

  test('between reviews: each review is logged once, and reviewing continues', async ({ task }) => {
    await engine.call('addNotes', { notes: Array.from({ length: 80 }, (_, at) => note(`card ${at}`)) });
    const cards = await engine.call('findCards', { query: '' });
    let answered = 0;
    for (const [at, seconds] of moves.entries()) {
      await meanwhile[at % meanwhile.length]?.();
      moveTo(seconds);
      for (const ease of fc.sample(fc.integer({ min: 1, max: 4 }), { numRuns: 4, seed: at })) {
        await engine.call('guiDeckReview', { name: 'Default' });
        await engine.call('guiShowAnswer', {});
        if (await engine.request('guiAnswerCard', { ease })) answered++;
      }
      const done = await engine.call('answerCards', {
        answers: cards.slice(at, at + 3).map((cardId) => ({ cardId, ease: 3 })),
      });
      answered += done.filter(Boolean).length;
      expect(await reviews()).toBe(answered);
      await engine.call('getNumCardsReviewedByDay', {});
      await engine.call('getDeckStats', { decks: ['Default'] });
      await engine.call('cardsInfo', { cards: cards.slice(0, 5) });
    }
    expect(answered).toBeGreaterThan(moves.length * 4);
    await expectOnlyDatesRepaired();
    expect(await reviews()).toBe(answered);
    task.meta.cases = moves.length;
  });
});
