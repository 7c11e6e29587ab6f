import { execFileSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import type { Backend } from '../../../src/contract/backend.ts';
import { Engine } from '../../../src/backends/engine/engine.ts';
import { install } from '../../../src/backends/engine/process/install.ts';
import { expectIntact } from '../../support/database-check.ts';
import { addNotes, guardedServer, overHttp, type UserReply } from '../../support/guarded-server.ts';

/** Returns a server on a collection with three notes, which these SQL statements have damaged. */
async function damaged(reply: UserReply | undefined, statements: string) {
  let reopened: Engine | undefined;
  const damage = async (engine: Engine): Promise<Backend> => {
    await addNotes(engine, 'D', ['a', 'b', 'c']);
    await engine.close();
    const { python } = await install({ log: () => {} });
    const script =
      'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.create_collation("unicase", lambda a, b: (a > b) - (a < b)); c.executescript(sys.argv[2]); c.commit()';
    execFileSync(python, ['-I', '-c', script, engine.place, statements]);
    const again = new Engine({ collection: engine.place, log: () => {} });
    onTestFinished(() => again.close());
    reopened = again;
    return again;
  };
  const server = await guardedServer(reply, { backup: 'auto' }, damage);
  if (!reopened) throw new Error('not opened again');
  return { ...server, engine: reopened };
}

const oneNote = "delete from notes where flds like 'a%'";

test('insights reports what the database check would repair, and changes nothing', async () => {
  const { assistant, engine } = await damaged('accept', oneNote);
  await engine.call('createDeck', { deck: 'E' });
  const before = await engine.operate('undoStatus', {});
  const { result, text } = await assistant.call('insights', { sections: ['database'] });
  expect(result, text).toMatchObject({
    database: {
      problems: 1,
      report: ['Deleted 1 card with missing note.'],
      lost: { notes: 0, cards: 1, reviews: 0 },
      fullSync: true,
      advice: expect.stringContaining('repair'),
    },
  });
  expect(await engine.operate('undoStatus', {})).toEqual(before);
  expect(await engine.call('findCards', { query: '' })).toHaveLength(3);
});

test('backups repairs after a question and a backup, and returns the report of Anki', async () => {
  const { assistant, engine, questions, backups } = await damaged('accept', oneNote);
  const { result, text } = await assistant.call('backups', { action: 'repair' });
  expect(result, text).toMatchObject({
    problems: 1,
    report: ['Deleted 1 card with missing note.'],
    lost: { cards: 1 },
    fullSync: true,
    outcome: expect.stringContaining('next sync a full one'),
  });
  expect(questions).toEqual([
    expect.stringMatching(
      /Repair the database.*1 card are deleted; the next sync must be a full one.*missing note/s,
    ),
  ]);
  expect(backups().some((file) => file.endsWith('.colpkg'))).toBe(true);
  expect(await engine.call('findCards', { query: '' })).toHaveLength(2);
  await expectIntact(engine);
  const again = await assistant.call('backups', { action: 'repair' });
  expect(again.result).toMatchObject({
    problems: 0,
    outcome: expect.stringContaining('Nothing was changed'),
  });
  expect(questions).toHaveLength(1);
});

test('backups repairs notes whose note type is missing', async () => {
  const { assistant, engine, questions, backups } = await damaged(
    'accept',
    "update notes set mid = 12345 where flds like 'a%'",
  );
  const { isError, text } = await assistant.call('backups', { action: 'repair' });
  expect([isError, text]).toEqual([false, expect.stringContaining('Repaired')]);
  expect(questions).toHaveLength(1);
  expect(backups().some((file) => file.endsWith('.colpkg'))).toBe(true);
  await expectIntact(engine);
});

test('a repair that the user declines changes nothing', async () => {
  const { assistant, engine } = await damaged('decline', oneNote);
  expect((await assistant.call('backups', { action: 'repair' })).isError).toBe(true);
  expect(await engine.call('findCards', { query: '' })).toHaveLength(3);
});

test('a check of a sound collection finds nothing and keeps the undo list', async () => {
  const { assistant, engine } = await guardedServer('accept', { backup: 'auto' });
  await addNotes(engine, 'D', ['a']);
  const before = await engine.operate('undoStatus', {});
  const { result } = await assistant.call('insights', { sections: ['database'] });
  expect(result).toMatchObject({ database: { problems: 0, report: [], fullSync: false } });
  await assistant.call('backups', { action: 'repair' });
  expect(await engine.operate('undoStatus', {})).toEqual(before);
});

test('on the desktop, both say what the user does in Anki', async () => {
  const { assistant } = await guardedServer('accept', {}, overHttp);
  const { result } = await assistant.call('insights', { sections: ['database'] });
  expect(result).toEqual({ database: { summary: expect.stringContaining('Tools > Check Database') } });
  const { text, isError } = await assistant.call('backups', { action: 'repair' });
  expect(isError).toBe(true);
  expect(text).toContain('Tools > Check Database');
});
