import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AnkiConnectServer } from '../../src/anki-connect/server.ts';
import { hold, type Backend } from '../../src/contract/backend.ts';
import { readConfig } from '../../src/cli/config.ts';
import { Engine } from '../../src/backends/engine/engine.ts';
import { openBackend } from '../../src/cli/open-backend.ts';
import { Assistant } from '../support/assistant.ts';
import { deadUrl } from '../support/fake-anki.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const log = () => {};
let folder: string;
let url: string;
let backend: Backend;
let assistant: Assistant;
const closing: { close: () => Promise<unknown> }[] = [];

const collection = (profile: string) => join(folder, profile, 'collection.anki2');
const engineOn = (profile: string) => {
  const engine = new Engine({ collection: collection(profile), log });
  closing.push(engine);
  return engine;
};

/** Anki with the add-on, and a profile open. */
async function openAnki(profile: string): Promise<{ close: () => Promise<unknown> }> {
  const engine = engineOn(profile);
  const server = new AnkiConnectServer(engine, { apiKey: null, origins: { allowed: [], ignored: [] }, log });
  await server.listen('127.0.0.1', Number(new URL(url).port));
  const anki = { close: () => Promise.all([server.close(), engine.close()]) };
  closing.push(anki);
  return anki;
}

beforeEach(async () => {
  folder = temporaryFolder();
  url = await deadUrl();
  for (const profile of ['User 1', 'Other']) {
    mkdirSync(join(folder, profile));
    await engineOn(profile).call('createDeck', { deck: `of ${profile}` });
  }
  await Promise.all(closing.splice(0).map((engine) => engine.close()));
  backend = openBackend(readConfig(['--profile', 'User 1', '--anki-base', folder, '--url', url], {}), log);
  assistant = await Assistant.of(backend);
});

afterEach(async () => {
  await assistant.close();
  await backend.close();
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

const backendOf = async (name: string) => {
  const { _meta } = await assistant.client.callTool({ name, arguments: {} });
  return _meta?.['ankiwright/backend'];
};
const desktop = () => ({ kind: 'anki-connect', place: url });
const engine = () => ({ kind: 'engine', place: collection('User 1') });

test('with Anki closed, the profile’s collection is worked on, and every result says so', async () => {
  expect((await assistant.call('deckNames')).result).toEqual(['Default', 'of User 1']);
  expect(await backendOf('deckNames')).toEqual(engine());
  expect((await assistant.call('getActiveProfile')).result).toBe('User 1');
  expect((await assistant.call('overview')).result).toMatchObject({ backend: engine() });
  expect((await assistant.client.readResource({ uri: 'anki://overview' }))._meta).toEqual({
    'ankiwright/backend': engine(),
  });
  expect(await backendOf('deleteNotes')).toEqual(engine()); // refused for want of its notes
});

test('the desktop is used from when it opens, and the collection is let go for it', async () => {
  expect(await backendOf('deckNames')).toEqual(engine());
  const closed = engineOn('User 1');
  await expect(closed.call('version', {})).rejects.toThrow(/open in another program/);
  const anki = await openAnki('User 1');
  const { text } = await assistant.call('deckNames'); // Anki is up, and could not open its profile
  expect(text).toMatch(/open in another program/);
  expect((await assistant.call('deckNames')).isError).toBe(false);
  expect(await backendOf('deckNames')).toEqual(desktop());
  await anki.close();
  await assistant.call('deckNames'); // was believed to be open for a moment longer
  expect(await backendOf('deckNames')).toEqual(engine());
});

test('Anki with another profile open is left alone', async () => {
  await openAnki('Other');
  const { text, isError } = await assistant.call('createDeck', { deck: 'mine' });
  expect(isError).toBe(true);
  expect(text).toMatch(/has the profile "Other" open, but this server is for "User 1".*Nothing was changed/);
  const other = await fetch(url, { method: 'POST', body: '{"action":"deckNames","version":6}' });
  expect(await other.json()).toMatchObject({ result: ['Default', 'of Other'] });
});

test('Anki that is open without the add-on is named as that', async () => {
  await engineOn('User 1').call('version', {});
  const { text } = await assistant.call('deckNames');
  expect(text).toMatch(/open in another program/);
  expect(text).toContain(`If Anki has the profile "User 1" open, the Anki-Connect add-on is missing`);
});

test('nothing changes hands in the middle of a call', async () => {
  await hold(backend, async (held) => {
    expect(held.kind).toBe('engine');
    const anki = await openAnki('Other');
    expect(await held.call('deckNames', {})).toContain('of User 1');
    expect((await assistant.call('deckNames')).result).toContain('of User 1'); // joins what is under way
    await anki.close();
  });
});

test('an unknown profile is told with those that are there', async () => {
  const lost = openBackend(readConfig(['--profile', 'user 1', '--anki-base', folder, '--url', url], {}), log);
  await expect(lost.call('version', {})).rejects.toThrow(
    /no profile "user 1".*It has Other, User 1 \(names are case-sensitive\)/,
  );
  const escaping = ['--profile', '../User 1', '--anki-base', join(folder, 'Other'), '--url', url];
  await expect(openBackend(readConfig(escaping, {}), log).call('version', {})).rejects.toThrow(
    /It has no profiles/,
  );
});
