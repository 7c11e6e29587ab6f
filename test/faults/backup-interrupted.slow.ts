import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { BackupFolder } from '../../src/tools/safeguards/backup-folder.ts';
import { builtServer } from '../support/built-server.ts';
import { temporaryEngine } from '../support/collection.ts';
import { expectIntact } from '../support/database-check.ts';
import { guardedServer } from '../support/guarded-server.ts';
import { faultyPython, hostPython } from '../support/host-python.ts';
import { newCollection } from '../support/served.ts';
import { smallDisk } from '../support/small-disk.ts';

const moments = (numRuns: number, max: number) =>
  fc.sample(fc.integer({ min: 0, max }), { numRuns, seed: 8 });

/** Adds notes with texts that cannot be compressed, so that a backup takes a while. */
async function fill(engine: Engine, count: number, deckName = 'Default'): Promise<number[]> {
  await engine.call('createDeck', { deck: deckName });
  return engine.call('addNotes', {
    notes: Array.from({ length: count }, (_, at) => ({
      deckName,
      modelName: 'Basic',
      fields: { Front: `${deckName} ${at}`, Back: randomBytes(2000).toString('base64') },
    })),
  });
}

const all = async (engine: Engine): Promise<readonly number[]> => engine.call('findNotes', { query: '' });

/** Expects that each file under a backup's name is complete and described, and that nothing else is left. */
async function expectWholeBackups(collection: string): Promise<number> {
  const path = collection.replace(/\.anki2$/, '.ankiwright-backups');
  const found = await new BackupFolder(path).list();
  expect(found.filter(({ isComplete, description }) => !isComplete || !description)).toEqual([]);
  const files = existsSync(path) ? readdirSync(path) : [];
  expect(files).toHaveLength(found.length);
  const descriptions = existsSync(`${path}.info`) ? readdirSync(`${path}.info`) : [];
  expect(descriptions.filter((name) => name.endsWith('.partial'))).toEqual([]);
  return found.length;
}

describe('Engine: a backup is interrupted', () => {
  test('its process is killed before or after any step: nothing is deleted without a whole backup, and the next one works', async ({
    task,
  }) => {
    const python = await faultyPython();
    const { assistant, engine } = await guardedServer(undefined, { backup: 'auto' }, undefined, undefined, {
      python: python.path,
    });
    await fill(engine, 200);
    let cases = 0;
    for (const when of ['before', 'after']) {
      for (let step = 0, over = false; !over; step++) {
        // A change, so that no earlier backup contains the note.
        const note = await engine.call('addNote', {
          note: { deckName: 'Default', modelName: 'Basic', fields: { Front: `${when} ${step}`, Back: '' } },
        });
        const before = await all(engine);
        python.next(`death ${when}`, step);
        const { isError, text } = await assistant.call('deleteNotes', { notes: [note] });
        over = !python.happened();
        const after = await all(engine);
        const left = before.length - after.length;
        if (!isError) expect([left, text]).toEqual([1, expect.stringContaining('Backup: ')]);
        else expect(left === 0 || /unknown/.test(text), text).toBe(true);
        const backups = await expectWholeBackups(engine.place);
        expect(left > 0 ? backups : 1).toBeGreaterThan(0);
        await expectIntact(engine);
        if (!over) cases++;
        expect((await assistant.call('deleteNotes', { notes: [note, after[0]] })).isError).toBe(false);
        expect(await expectWholeBackups(engine.place)).toBeGreaterThan(0);
      }
    }
    expect(cases).toBeGreaterThan(20);
    task.meta.cases = cases;
  });

  test('its process is killed at any moment: no incomplete file has the name of a backup', async ({
    task,
  }) => {
    const python = await hostPython();
    const { assistant, engine } = await guardedServer(undefined, { backup: 'auto' }, undefined, undefined, {
      python: python.path,
    });
    const times = moments(15, 250);
    for (const [round, moment] of times.entries()) {
      await fill(engine, 100, `d${round}`);
      const [note = 0, ...others] = await engine.call('findNotes', { query: `deck:d${round}` });
      const before = (await all(engine)).length;
      const deleting = assistant.call('deleteNotes', { notes: [note] });
      await sleep(moment);
      python.signal('SIGKILL');
      const { isError, text } = await deleting;
      const left = before - (await all(engine)).length;
      if (!isError) expect([left, text]).toEqual([1, expect.stringContaining('Backup: ')]);
      else expect(left === 0 || /unknown/.test(text), text).toBe(true);
      await expectWholeBackups(engine.place);
      await expectIntact(engine);
      expect((await assistant.call('deleteNotes', { notes: others.slice(50) })).isError).toBe(false);
      expect(await expectWholeBackups(engine.place)).toBeGreaterThan(0);
    }
    task.meta.cases = times.length;
  });

  test('the server is killed: the next server finds only whole backups, deletes the unfinished ones, and makes one', async ({
    task,
  }) => {
    const collection = newCollection();
    const first = temporaryEngine({ collection });
    await fill(first.engine, 600);
    await first.engine.close();
    const times = moments(12, 500);
    const folder = collection.replace(/\.anki2$/, '.ankiwright-backups');
    let interrupted = 0;
    for (const [round, moment] of times.entries()) {
      const server = await builtServer(['--collection', collection]);
      const { text } = await server.call('findNotes', { query: '' });
      const [note] = JSON.parse(text).result;
      const deleting = server.call('deleteNotes', { notes: [note] }).catch(() => undefined);
      await sleep(moment);
      process.kill(server.pid, 'SIGKILL');
      const outcome = await deleting;
      await server.close();
      expect(outcome?.isError).not.toBe(true);
      if (existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('.partial-')))
        interrupted++;
      for (const { isComplete, description } of await new BackupFolder(folder).list())
        expect([isComplete, description !== undefined]).toEqual([true, true]);
      const { engine } = temporaryEngine({ collection });
      const still = await engine.call('findNotes', { query: `nid:${note}` });
      if (outcome) expect(still).toEqual([]);
      await fill(engine, 5, `more${round}`);
      await expectIntact(engine);
      await engine.close();
      const next = await builtServer(['--collection', collection]);
      const [other] = JSON.parse((await next.call('findNotes', { query: `deck:more${round}` })).text).result;
      const made = await next.call('deleteNotes', { notes: [other] });
      expect(made.text).toContain('Backup: ');
      await next.close();
      await expectWholeBackups(collection);
    }
    expect(interrupted).toBeGreaterThan(0);
    task.meta.cases = times.length;
  });

  test('an unfinished backup of a killed server with the same process id, as in a container, is deleted', async () => {
    const { assistant, engine, folder } = await guardedServer(undefined, { backup: 'auto' });
    const [note = 0] = await fill(engine, 2);
    const unfinished = join(folder, 'collection.ankiwright-backups', `.partial-${process.pid}-Ab3xYz`);
    mkdirSync(unfinished, { recursive: true });
    expect((await assistant.call('deleteNotes', { notes: [note] })).text).toContain('Backup: ');
    expect(existsSync(unfinished)).toBe(false);
  });

  test('the disk is full: nothing is deleted, no incomplete backup is left, and with space the next one works', async ({
    task,
  }) => {
    const sample = newCollection();
    const first = temporaryEngine({ collection: sample });
    await fill(first.engine, 300);
    await first.engine.close();
    const sizes = [0, 100, 700, 1500];
    for (const [at, free] of sizes.entries()) {
      const disk = await smallDisk(8_000_000);
      onTestFinished(disk.close);
      const collection = join(disk.folder, 'collection.anki2');
      copyFileSync(sample, collection);
      const { assistant, engine } = await guardedServer(undefined, { backup: 'auto' }, undefined, undefined, {
        collection,
        python: disk.python.path,
      });
      const notes = await all(engine);
      const filler = join(disk.folder, 'filler');
      takeSpace(filler, free * 1024);
      const { isError, text } = await assistant.call('deleteNotes', { notes: notes.slice(0, 3) });
      const left = (await all(engine)).length;
      expect(left, text).toBe(isError ? notes.length : notes.length - 3);
      if (isError)
        expect(text).toMatch(/Nothing was changed, because no backup could be made|Free some space/);
      await expectWholeBackups(collection);
      rmSync(filler);
      disk.grow();
      const again = await assistant.call('deleteNotes', { notes: notes.slice(3, 9) });
      expect(again.isError, again.text).toBe(false);
      expect((await all(engine)).length).toBe(left - 6);
      expect(await expectWholeBackups(collection)).toBe(1);
      await expectIntact(engine);
      await engine.close();
      if (at === 0) expect(isError).toBe(true);
    }
    task.meta.cases = sizes.length;
  });
});

/** Fills the disk with a file until about this many bytes are free. */
function takeSpace(path: string, free: number): void {
  const parts: Buffer[] = [];
  for (const size of [65_536, 4096])
    for (;;) {
      try {
        writeFileSync(path, Buffer.concat([...parts, Buffer.alloc(size)]));
        parts.push(Buffer.alloc(size));
        if (parts.length > 1000) break;
      } catch {
        break;
      }
    }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  rmSync(path);
  writeFileSync(path, Buffer.alloc(Math.max(0, length - free)));
}
