import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { Assistant } from '../../../support/assistant.ts';
import {
  afterChanges,
  beforeCalls,
  device,
  frontsOf,
  syncedFronts,
  twoDevices,
  upload,
} from '../../../support/devices.ts';
import { eventually } from '../../../support/eventually.ts';
import { addNotes, cardsIn } from '../../../support/guarded-server.ts';
import { hostileSync, type SyncReply } from '../../../support/hostile-sync.ts';
import { startSyncServer } from '../../../support/sync-server.ts';

const edit = async (engine: Engine, front: string, change: string): Promise<void> => {
  const [id = 0] = await engine.call('findNotes', { query: `front:${front}` });
  await engine.call('updateNoteFields', { note: { id, fields: { Front: change } } });
};

const addField = { modelName: 'Basic', fieldName: 'Extra' };

async function assistantOf(engine: Engine): Promise<Assistant> {
  const assistant = await Assistant.of(engine);
  onTestFinished(() => assistant.close());
  return assistant;
}

/** Starts a sync server that replies to all methods but the login in the same way. Its token also occurs in Anki's messages. */
async function startHostile(reply: SyncReply) {
  const methods: string[] = [];
  const server = await hostileSync((method) => {
    methods.push(method);
    return method === 'hostKey' ? { status: 200, body: JSON.stringify({ key: 'k' }) } : reply;
  });
  onTestFinished(server.close);
  return { ...server, methods };
}

test('a card made here is on the second device without a further call', async () => {
  const { here, phone } = await twoDevices(afterChanges);
  await addNotes(here, 'D', ['second']);
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  expect(await syncedFronts(phone)).toEqual(['first', 'second']);
  expect(Date.parse(here.sync?.at ?? '')).toBeGreaterThan(Date.now() - 600_000);
});

test.each([{ quiet: 1 }, { atMost: 1 }])('changes are sent with only %j', async (times) => {
  const { here, phone } = await twoDevices(times);
  await addNotes(here, 'D', ['second']);
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  expect(await syncedFronts(phone)).toEqual(['first', 'second']);
});

test('a review made on the second device is seen by the next call after a pause', async () => {
  const { here, phone } = await twoDevices({ ...beforeCalls, ...afterChanges });
  const [card = 0] = await cardsIn(here, 'D');
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  await phone.call('answerCards', { answers: [{ cardId: card, ease: 3 }] });
  await phone.call('sync', {});
  const [info] = await here.call('cardsInfo', { cards: [card] });
  expect(info?.reps).toBe(1);
});

test('calls that start together wait for one sync, and a recent sync is not repeated', async () => {
  const { here, relay } = await twoDevices({});
  await Promise.all(Array.from({ length: 20 }, () => here.call('deckNames', {})));
  const syncs = () => relay.paths.filter((path) => path.endsWith('/sync/meta'));
  expect(syncs()).toHaveLength(1);
  await here.call('deckNames', {});
  expect(syncs()).toHaveLength(1);
});

test('nothing is synced while nobody calls', async () => {
  const { here, relay } = await twoDevices({ ...afterChanges, ...beforeCalls });
  await addNotes(here, 'D', ['second']);
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  await eventually(() => expect(here.isWriting).toBe(false));
  const before = relay.paths.length;
  await sleep(300);
  expect(relay.paths).toHaveLength(before);
});

test('a change can be undone until it is sent, also by a call after a pause', async () => {
  const { here, phone } = await twoDevices(beforeCalls);
  await addNotes(here, 'D', ['second']);
  expect(here.sync?.state).toBe('waiting');
  expect(await here.call('guiUndo', {})).toBe(true);
  expect(await frontsOf(here)).toEqual(['first']);
  expect(await syncedFronts(phone)).toEqual(['first']);
});

test('of two edits of one note the later one stays, and a deleted note stays deleted', async () => {
  const { here, phone } = await twoDevices(afterChanges);
  await addNotes(here, 'D', ['second']);
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  expect(await syncedFronts(phone)).toEqual(['first', 'second']);
  await edit(phone, 'first', 'edited there');
  await edit(phone, 'second', 'edited there');
  await sleep(1100); // Anki stores the time of a change in seconds
  await edit(here, 'first', 'edited here');
  await here.call('deleteNotes', { notes: await here.call('findNotes', { query: 'front:second' }) });
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  await phone.call('sync', {});
  await here.call('sync', {});
  expect(await frontsOf(here)).toEqual(['edited here']);
  expect(await syncedFronts(phone)).toEqual(['edited here']);
});

test('a note type changed here stops the syncing until a person has chosen, and replaces nothing', async () => {
  const { here, phone, server } = await twoDevices(afterChanges);
  const assistant = await assistantOf(here);
  await assistant.call('modelFieldAdd', addField);
  await addNotes(here, 'D', ['here']);
  await eventually(() => expect(here.sync?.state).toBe('blocked'));
  const blocked = await assistant.call('overview');
  expect(blocked.result).toMatchObject({
    sync: { state: 'blocked', why: expect.stringMatching(/can no longer be merged.*A person must choose/) },
  });
  expect(blocked.text.match(/A person must choose/g)).toHaveLength(2); // in the result, and once beside it
  expect((await assistant.call('deckNames')).text).not.toContain('A person must choose');
  expect(await frontsOf(here)).toEqual(['first', 'here']);
  expect(await syncedFronts(phone)).toEqual(['first']);

  await upload(here, server.url);
  await addNotes(here, 'D', ['later']);
  await eventually(() => expect(here.sync?.state).toBe('synced'));
});

test('a note type changed on the second device stops the syncing, and replaces nothing', async () => {
  const { here, phone, server, folder } = await twoDevices(afterChanges);
  await here.call('version', {});
  await phone.call('modelFieldAdd', addField);
  await upload(phone, server.url);
  await addNotes(here, 'D', ['here']);
  await eventually(() => expect(here.sync?.state).toBe('blocked'));
  expect(await frontsOf(here)).toEqual(['first', 'here']);
  expect(await syncedFronts(phone)).toEqual(['first']);
  expect(readdirSync(folder)).toContain('backups'); // of the first download
});

test('a server that cannot be reached delays no answer, is reported once, and gets the changes later', async () => {
  const { here, phone, relay } = await twoDevices(afterChanges);
  const assistant = await assistantOf(here);
  await here.call('version', {});
  relay.state.isDown = true;
  await addNotes(here, 'D', ['second']);
  const why = expect.stringMatching(/network error/);
  await eventually(() => expect(here.sync).toMatchObject({ state: 'waiting', why }));
  expect((await assistant.call('deckNames')).text).toMatch(/Sync: .*network error.*tried again/);
  expect((await assistant.call('deckNames')).text).not.toContain('Sync:');
  relay.state.isDown = false;
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  expect(await syncedFronts(phone)).toEqual(['first', 'second']);
  expect(here.sync).not.toHaveProperty('why');
});

test('a call goes on without a sync that takes too long, which is done later', async () => {
  const { here, phone, relay } = await twoDevices({ ...beforeCalls, wait: 50 });
  await here.call('sync', {});
  await addNotes(phone, 'D', ['there']);
  await phone.call('sync', {});
  relay.state.word = '/sync/';
  const assistant = await assistantOf(here);
  const late = await assistant.call('findNotes', { query: '' });
  expect(late.result).toHaveLength(1);
  expect(late.text).toMatch(/Sync: it took longer than .*may be missing here/);
  relay.release();
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  expect(await frontsOf(here)).toEqual(['first', 'there']);
});

test('an error that repeats the token is tried again like any other', async () => {
  const server = await startHostile({ status: 500, body: 'no' });
  const { engine } = device(server.url, { ...afterChanges, ...beforeCalls });
  await engine.call('version', {});
  expect(engine.sync).toMatchObject({ state: 'waiting', why: expect.stringContaining('***') });
});

test.each([
  ['refuses the login', { status: 403, body: 'no' }, 2],
  ['refuses it with the status 401', { status: 401, body: 'no' }, 2],
  ['has a message', { status: 200, body: '' }, 1],
] as const)('a server that %s is not asked again', async (_, reply, logins) => {
  const meta = { mod: 1, scm: 1, usn: 0, ts: 0, musn: 0, media_usn: 0, hostNum: 0, empty: false };
  const body = JSON.stringify({ ...meta, cont: false, msg: 'Your account was closed.' });
  const server = await startHostile(reply.status === 200 ? { ...reply, body } : reply);
  const { engine } = device(server.url, { ...afterChanges, ...beforeCalls });
  await addNotes(engine, 'D', ['one']);
  expect(engine.sync?.state).toBe('blocked');
  const asked = server.methods.length;
  await addNotes(engine, 'D', ['two']);
  await sleep(100);
  expect(server.methods).toHaveLength(asked);
  expect(server.methods.filter((method) => method === 'hostKey')).toHaveLength(logins);
});

test('an empty collection is downloaded before the first call, one with cards and a general permission are kept', async () => {
  const server = await startSyncServer();
  onTestFinished(server.close);
  const first = device(server.url, undefined, { full: 'upload' });
  await addNotes(first.engine, 'D', ['first']);
  await first.engine.call('sync', {});
  const fresh = device(server.url, {}, { full: 'download-if-empty' });
  expect(await frontsOf(fresh.engine)).toEqual(['first']);

  for (const full of ['download-if-empty', 'download', 'upload'] as const) {
    const used = device(server.url, undefined);
    await addNotes(used.engine, 'D', ['mine']);
    await used.engine.close();
    const { engine } = device(server.url, {}, { full }, { collection: used.engine.place });
    expect(await frontsOf(engine)).toEqual(['mine']);
    expect(engine.sync?.state).toBe('blocked');
    expect(engine.fullSync).toBe(full === 'download-if-empty' ? undefined : full);
  }
  const empty = device(server.url, {}, { full: 'download' });
  expect(await frontsOf(empty.engine)).toEqual([]);
});

test('pictures are synced in the background, also without a change of a note', async () => {
  const { here, phone, relay } = await twoDevices(afterChanges);
  const data = Buffer.from('pixels').toString('base64');
  await phone.call('storeMediaFile', { filename: 'there.png', data });
  await phone.call('sync', {});
  relay.state.word = '/msync/';
  expect(await frontsOf(here)).toEqual(['first']);
  await relay.reached;
  expect(await frontsOf(here)).toEqual(['first']);
  relay.release();
  await eventually(async () => expect(await here.call('getMediaFilesNames', {})).toEqual(['there.png']));
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  await here.call('storeMediaFile', { filename: 'here.png', data });
  await eventually(async () => {
    await phone.call('sync', {});
    expect(await phone.call('getMediaFilesNames', {})).toEqual(['here.png', 'there.png']);
  });
});

test('closing sends what waits, but not if another program waits for the collection', async () => {
  const { here, phone } = await twoDevices({});
  await addNotes(here, 'D', ['second']);
  await here.release();
  expect(await syncedFronts(phone)).toEqual(['first']);
  await addNotes(here, 'D', ['third']);
  await here.close();
  expect(await syncedFronts(phone)).toEqual(['first', 'second', 'third']);
});

test('a card that is being answered stays shown when a change is sent', async () => {
  const { here } = await twoDevices(afterChanges);
  await here.call('guiDeckReview', { name: 'D' });
  await here.call('guiShowAnswer', {});
  await addNotes(here, 'D', ['second']);
  await here.call('guiShowAnswer', {});
  await eventually(() => expect(here.sync?.state).toBe('synced'));
  expect(await here.call('guiAnswerCard', { ease: 3 })).toBe(true);
});

test('a full sync that is due when the user asks for a sync stops the automatic syncs', async () => {
  const { here } = await twoDevices({});
  await here.call('modelFieldAdd', addField);
  expect(here.sync?.state).toBe('waiting');
  await expect(here.call('sync', {})).rejects.toThrow('A person must choose');
  const why = expect.stringMatching(/can no longer be merged.*Nothing is synced until then/);
  expect(here.sync).toMatchObject({ state: 'blocked', why });
});

test('a login that is refused when the user asks for a sync stops the automatic syncs', async () => {
  const server = await startHostile({ status: 403, body: 'no' });
  const { engine } = device(server.url, { ...afterChanges, ...beforeCalls });
  await expect(engine.call('sync', {})).rejects.toThrow();
  expect(engine.sync?.state).toBe('blocked');
  const asked = server.methods.length;
  await addNotes(engine, 'D', ['one']);
  expect(server.methods).toHaveLength(asked);
});

test('the same holds for the first call after the collection was closed for another program', async () => {
  const { here } = await twoDevices({});
  await here.call('modelFieldAdd', addField);
  await here.release();
  await expect(here.call('sync', {})).rejects.toThrow('A person must choose');
  expect(here.sync?.state).toBe('blocked');
});

test('after a sync that the user asks for, also a new picture does not wait', async () => {
  const { here } = await twoDevices({});
  await here.call('version', {});
  await here.call('storeMediaFile', { filename: 'here.png', data: Buffer.from('pixels').toString('base64') });
  expect(here.sync?.state).toBe('waiting');
  await here.call('sync', {});
  expect(here.sync?.state).toBe('synced');
});

test('the log says at the end whether the next start sends the last changes', async () => {
  const first = await twoDevices({});
  await addNotes(first.here, 'D', ['second']);
  first.relay.state.isDown = true;
  await first.here.close();
  expect(first.logged.at(-1)).toMatch(/not synced \(.*\); the next start sends them$/);

  const changed = await twoDevices({});
  await changed.here.call('modelFieldAdd', addField);
  await changed.here.close();
  expect(changed.logged.at(-1)).toMatch(
    /not synced \(.*A person must choose.*\); they are kept here until this is solved$/,
  );
});
