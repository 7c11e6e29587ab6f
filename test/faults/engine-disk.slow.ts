import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { AnkiRefused, Unreachable } from '../../src/contract/errors.ts';
import { note } from '../support/countable-writes.ts';
import { hostPython, ordinaryUser } from '../support/host-python.ts';
import { limitedFiles, smallDisk, type SmallDisk } from '../support/small-disk.ts';
import { expectIntact } from '../support/database-check.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const notesInSample = 200;
let sample: string;

beforeAll(async () => {
  sample = join(temporaryFolder(), 'collection.anki2');
  const engine = new Engine({ collection: sample, log: () => {} });
  const notes = Array.from({ length: notesInSample }, (_, at) => note(`front ${at}`));
  await engine.call('addNotes', { notes });
  await engine.close();
});

const advice =
  /Free some space|Check its free space|Check the permissions|Failed to |could not be opened|cannot be created/;

/** Returns true if the work was done. Otherwise expects an error that says what to do. */
async function triedTo(work: Promise<unknown>): Promise<boolean> {
  const outcome = await work.catch((error: unknown) => error);
  if (!(outcome instanceof Error)) return true;
  expect(outcome instanceof AnkiRefused || outcome instanceof Unreachable, String(outcome)).toBe(true);
  expect(outcome.message).toMatch(advice);
  return false;
}

/** Writes until the disk is full and continues for a while. Then makes space and checks what is stored. */
async function fill({ folder, python, grow }: SmallDisk, way: 'idle' | 'killed' | 'closed'): Promise<void> {
  const collection = join(folder, 'collection.anki2');
  copyFileSync(sample, collection);
  const engine = new Engine({
    collection,
    python: python.path,
    log: () => {},
    idleMs: way === 'idle' ? 20 : 60_000,
  });
  const done: string[] = [];
  const add = async (...fronts: string[]): Promise<boolean> => {
    const notes = fronts.map((front) => note(`${front} ${'x'.repeat(200)}`));
    const fits = await triedTo(engine.call('addNotes', { notes }));
    if (fits) done.push(...fronts);
    return fits;
  };
  const many = (round: number) => Array.from({ length: 20 }, (_, at) => `full${round}n${at}`);
  let round = 0;
  while (round < 500 && (await add(...many(round)))) round++;
  expect(round).toBeLessThan(500);
  for (let at = 0; at < 20; at++) await add(`one${at}`);
  const data = Buffer.alloc(2_000_000, 7).toString('base64');
  expect(await triedTo(engine.call('storeMediaFile', { filename: 'large.bin', data }))).toBe(false);
  await triedTo(engine.call('createDeck', { deck: 'Another' }));
  await triedTo(engine.call('guiCheckDatabase', {}));
  const fields = { Back: 'y'.repeat(100_000) };
  const [id = 0] = await engine.call('findNotes', { query: '"front:front 1"' });
  await triedTo(engine.call('updateNoteFields', { note: { id, fields } }));
  if (way === 'idle') await sleep(200);
  if (way === 'killed') python.signal('SIGKILL');
  if (way === 'closed') await engine.close();
  await triedTo(engine.call('findNotes', { query: '' }));
  await engine.close();
  grow();
  for (const again of [engine, new Engine({ collection, log: () => {} })]) {
    const notes = await again.call('notesInfo', { query: 'front:*xxx' });
    const fronts = notes.map(({ fields }) => fields?.['Front']?.value?.split(' ')[0]);
    expect(fronts).toHaveLength(done.length);
    expect(fronts).toEqual(expect.arrayContaining(done));
    await expectIntact(again);
    await again.call('addNote', { note: note(`space ${again === engine}`) });
    expect(await again.call('findNotes', { query: '"front:front *" or front:space*' })).toHaveLength(
      notesInSample + (again === engine ? 1 : 2),
    );
    await again.close();
  }
}

const ways = ['idle', 'killed', 'closed'] as const;

describe('Engine: disk full or not writable', () => {
  test.for([
    ['a full disk', smallDisk],
    ['a limit on the size of files', limitedFiles],
  ] as const)(
    '%s: reported with what to do, and no acknowledged write is lost',
    async ([, make], { task }) => {
      const sizes = [300, 350, 400, 500, 700].map((size) => size * 1024);
      for (const [at, bytes] of sizes.entries()) {
        const disk = await make(bytes);
        onTestFinished(disk.close);
        await fill(disk, ways[at % 3] ?? 'idle');
      }
      task.meta.cases = sizes.length;
    },
  );

  test('a file or folder without write permission: reported, and works after it is granted', async ({
    task,
  }) => {
    const python = await hostPython({ prelude: ordinaryUser });
    const media = (collection: string) => collection.replace(/\.anki2$/, '.media');
    const cases: [(collection: string) => string, number][] = [
      [(collection) => collection, 0o444],
      [(collection) => collection, 0o000],
      [dirname, 0o555],
      [media, 0o555],
    ];
    for (const [place, mode] of cases) {
      const collection = join(temporaryFolder(), 'collection.anki2');
      copyFileSync(sample, collection);
      mkdirSync(media(collection));
      chmodSync(place(collection), mode);
      const engine = new Engine({ collection, python: python.path, log: () => {} });
      const write = async () =>
        place === media
          ? engine.call('storeMediaFile', { filename: 'a.txt', data: 'aGk=' })
          : engine.call('addNote', { note: note('denied') });
      for (let at = 0; at < 2; at++) expect(await triedTo(write())).toBe(false);
      chmodSync(place(collection), 0o755);
      await write();
      expect(await engine.call('findNotes', { query: '"front:front *"' })).toHaveLength(notesInSample);
      await expectIntact(engine);
      await engine.close();
    }
    task.meta.cases = cases.length;
  });
});
