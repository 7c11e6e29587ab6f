import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Engine } from '../../../../src/backends/engine/engine.ts';
import { OutcomeUnknown, Unreachable } from '../../../../src/contract/errors.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { faultyEngine, stepOfAddNote } from '../../../support/faulty-engine.ts';
import { hostPython } from '../../../support/host-python.ts';
import { expectIntact } from '../../../support/database-check.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const log = () => {};

const add = (engine: Engine, front: string) =>
  engine.call('addNote', {
    note: { deckName: 'Default', modelName: 'Basic', fields: { Front: front, Back: 'b' } },
  });

test('killing the host process under load keeps each acknowledged note exactly once, and the next call works', async () => {
  const python = await hostPython();
  const { engine, close } = temporaryEngine({ python: python.path });
  const acknowledged: number[] = [];
  const failures: unknown[] = [];
  for (let round = 0; round < 8; round++) {
    await engine.call('version', {});
    const work = Array.from({ length: 30 }, (_, index) =>
      add(engine, `${round} ${index}`).then(
        (id) => acknowledged.push(id),
        (error: unknown) => failures.push(error),
      ),
    );
    await sleep(10 * round);
    python.signal('SIGKILL');
    await Promise.all(work);
  }
  // Unreachable: killed while it was starting, before anything was sent.
  const expected = [OutcomeUnknown, Unreachable];
  expect(failures.filter((error) => !expected.some((kind) => error instanceof kind))).toEqual([]);
  expect(failures.length).toBeGreaterThan(0);
  const found = await engine.call('findNotes', { query: '' });
  expect(acknowledged.filter((id) => !found.includes(id))).toEqual([]);
  const fronts = (await engine.call('notesInfo', { notes: found })).map(
    ({ fields }) => fields?.['Front']?.value,
  );
  expect(new Set(fronts).size).toBe(fronts.length);
  await expectIntact(engine);
  await close();
});

test('a write is not repeated after the host process ended, whether or not it was carried out', async () => {
  const { engine, close, next, happened, starts, add, times } = await faultyEngine();
  for (const [when, expected] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    const started = starts();
    next(`death ${when}`, stepOfAddNote);
    await expect(add(when)).rejects.toThrow(OutcomeUnknown);
    expect(happened()).toBe(true);
    expect(starts()).toBe(started);
    expect(await times(when)).toBe(expected);
    expect(starts()).toBe(started + 1);
  }
  await expectIntact(engine);
  await close();
});

test.each(['short', 'endless'])('a reply with an invalid length (%s) ends the process', async (length) => {
  const { engine, close, next, happened, starts, add, times } = await faultyEngine();
  next(`${length} corrupted`, stepOfAddNote);
  const failure: unknown = await add('word').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(OutcomeUnknown);
  expect(String(failure)).not.toMatch(/\d+ s(econds)?\b/); // the process does not wait for its timeout
  expect(happened()).toBe(true);
  expect(await times('word')).toBe(1);
  expect(starts()).toBe(2);
  await expectIntact(engine);
  await close();
});

test.each([
  ['an action', (engine: Engine) => engine.call('deckNames', {}), ['Default']],
  ['an operation', (engine: Engine) => engine.operate('presets', {}), [{ id: 1, name: 'Default' }]],
] as const)('%s that reads is repeated once after the host process ended', async (_, read, result) => {
  const { engine, close, next, happened, starts } = await faultyEngine();
  next('death before');
  expect(await read(engine)).toEqual(result);
  expect(happened()).toBe(true);
  expect(starts()).toBe(2);
  await close();
});

test('a second server gets an error while the collection is open elsewhere, and opens it after it was closed', async () => {
  const { engine, folder, close } = temporaryEngine();
  await engine.call('version', {});
  const other = new Engine({ collection: join(folder, 'collection.anki2'), log });
  await expect(other.call('version', {})).rejects.toThrow(/is open in another program/);
  await engine.close();
  expect(await other.call('version', {})).toBe(6);
  await other.close();
  await close();
});

test('a collection that cannot be opened gives an error with the reason', async () => {
  const folder = temporaryFolder();
  const opening = (collection: string, more = {}) =>
    new Engine({ collection, log, ...more }).call('version', {});
  await expect(opening(join(folder, 'none', 'c.anki2'))).rejects.toThrow(/folder .*none does not exist/);
  const text = join(folder, 'text.anki2');
  writeFileSync(text, 'this is no database, '.repeat(100));
  await expect(opening(text)).rejects.toThrow(/is not an Anki collection/);
  await expect(opening(folder)).rejects.toThrow(/is a folder and could not be opened.*collection\.anki2/);
});

test('a missing or too old Python gives an error with a remedy', async () => {
  const folder = temporaryFolder();
  const old = join(folder, 'python-old');
  writeFileSync(old, '#!/bin/sh\necho 3.8\necho /usr/bin/python3.8\n');
  chmodSync(old, 0o755);
  const collection = join(folder, 'c.anki2');
  const using = (python: string) =>
    new Engine({ collection, log, python, engineDir: join(folder, 'engine') }).call('version', {});
  await expect(using(old)).rejects.toThrow(/Python 3\.10 or later .*python-old is Python 3\.8/);
  await expect(using(join(folder, 'nowhere'))).rejects.toThrow(/nowhere cannot be run.*--python PATH/s);
});

test('an end of the host process at any step of answerCards fails only that call, and no card is answered twice', async () => {
  const { engine, close, next, happened, add } = await faultyEngine();
  const cards: number[] = [];
  for (const word of ['one', 'two']) {
    const note = await add(word);
    cards.push(...(await engine.call('findCards', { query: `nid:${note}` })));
  }
  const answers = cards.map((cardId) => ({ cardId, ease: 1 as const }));
  const counts = async () =>
    Object.values(await engine.call('getReviewsOfCards', { cards })).map(({ length }) => length);
  let over = false;
  for (let step = 0; !over; step++) {
    const before = await counts();
    next('death before', step);
    const outcome = await engine.call('answerCards', { answers }).catch((error: unknown) => error);
    over = !happened();
    if (!over && Array.isArray(outcome)) expect(outcome).toEqual([true, true]);
    else if (!over) expect(outcome).toBeInstanceOf(OutcomeUnknown);
    const added = (await counts()).map((count, index) => count - (before[index] ?? 0));
    expect(added.filter((count) => count > 1)).toEqual([]);
  }
  await expectIntact(engine);
  await close();
});
