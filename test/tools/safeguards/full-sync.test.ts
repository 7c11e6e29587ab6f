import { onTestFinished, expect, test } from 'vitest';
import { temporaryEngine } from '../../support/collection.ts';
import { addNotes, guardedServer, type Answer, type UserReply } from '../../support/guarded-server.ts';
import { password, startSyncServer, user } from '../../support/sync-server.ts';

/** Starts a sync server with two collections that have the same content: ours and that of a phone. */
async function twoDevices(reply: UserReply | Answer | undefined, confirm: 'auto' | 'never' = 'auto') {
  const server = await startSyncServer();
  onTestFinished(server.close);
  const account = (name: string, full: 'upload' | 'download') => ({
    url: server.url,
    user,
    password,
    tokenFile: `${server.folder}/${name}.json`,
    full,
  });
  const { assistant, engine, questions } = await guardedServer(
    reply,
    { confirm, backup: 'auto' },
    undefined,
    undefined,
    {
      sync: account('here', 'upload'),
    },
  );
  await addNotes(engine, 'D', ['first']);
  await engine.call('sync', {});
  const phone = temporaryEngine({ sync: account('phone', 'download') });
  onTestFinished(phone.close);
  await phone.engine.call('sync', {});
  return { assistant, engine, questions, phone: phone.engine };
}

const addField = { modelName: 'Basic', fieldName: 'Extra' };
const fronts = 'front:phone*';

test('syncs before and after a question about a change that forces a full sync', async () => {
  const late: (() => Promise<unknown>)[] = [];
  const { assistant, engine, questions, phone } = await twoDevices(async () => {
    for (const change of late.splice(0)) await change();
    return 'accept';
  });
  await addNotes(phone, 'D', ['phone before']);
  await phone.call('sync', {});
  late.push(async () => {
    await addNotes(phone, 'D', ['phone meanwhile']);
    await phone.call('sync', {});
  });
  const { isError, text } = await assistant.call('modelFieldAdd', addField);
  expect(isError, text).toBe(false);
  expect(questions).toEqual([expect.stringMatching(/^Make the next sync a full one/)]);
  expect(text).toContain('--sync-full upload');
  expect(await engine.call('findNotes', { query: fronts })).toHaveLength(2);
  // The next sync is a full one already, so that another such change loses nothing more.
  expect((await assistant.call('modelFieldAdd', { ...addField, fieldName: 'More' })).isError).toBe(false);
  expect(questions).toHaveLength(1);
});

test('refuses such a change if the user declines or cannot be asked, and --confirm never only syncs', async () => {
  for (const reply of ['decline', undefined] as const) {
    const { assistant, engine } = await twoDevices(reply);
    const { isError, text } = await assistant.call('modelFieldAdd', addField);
    expect([isError, text]).toEqual([true, expect.stringMatching(/nothing was changed/i)]);
    expect(await engine.call('modelFieldNames', { modelName: 'Basic' })).toEqual(['Front', 'Back']);
  }
  const { assistant, engine, phone } = await twoDevices(undefined, 'never');
  await addNotes(phone, 'D', ['phone before']);
  await phone.call('sync', {});
  expect((await assistant.call('modelFieldAdd', addField)).isError).toBe(false);
  expect(await engine.call('findNotes', { query: fronts })).toHaveLength(1);
  expect(await engine.call('modelFieldNames', { modelName: 'Basic' })).toContain('Extra');
});

test('does not ask without an account', async () => {
  const { assistant, questions } = await guardedServer('decline');
  expect((await assistant.call('modelFieldAdd', addField)).isError).toBe(false);
  expect(questions).toEqual([]);
});
