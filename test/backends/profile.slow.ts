import diagnosticsChannel from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AnkiConnectServer } from '../../src/anki-connect/server.ts';
import { hold, type Backend } from '../../src/contract/backend.ts';
import { readConfig } from '../../src/cli/config.ts';
import { Engine } from '../../src/backends/engine/engine.ts';
import { openBackend } from '../../src/cli/open-backend.ts';
import { Assistant } from '../support/assistant.ts';
import { eventually } from '../support/eventually.ts';
import { deadUrl } from '../support/fake-anki.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const log = () => {};
let folder: string;
let url: string;
let backend: Backend;
let assistant: Assistant;
const toClose: { close: () => Promise<unknown> }[] = [];

const collection = (profile: string) => join(folder, profile, 'collection.anki2');
const engineOn = (profile: string) => {
  const engine = new Engine({ collection: collection(profile), log });
  toClose.push(engine);
  return engine;
};

/** Starts a server in place of Anki with the add-on and this open profile. */
async function openAnki(profile: string): Promise<{ close: () => Promise<unknown> }> {
  const engine = engineOn(profile);
  const server = new AnkiConnectServer(engine, { apiKey: null, origins: { allowed: [], ignored: [] }, log });
  await server.listen('127.0.0.1', Number(new URL(url).port));
  const anki = { close: () => Promise.all([server.close(), engine.close()]) };
  toClose.push(anki);
  return anki;
}

beforeEach(async () => {
  folder = temporaryFolder();
  url = await deadUrl();
  for (const profile of ['User 1', 'Other']) {
    mkdirSync(join(folder, profile));
    await engineOn(profile).call('createDeck', { deck: `of ${profile}` });
  }
  await Promise.all(toClose.splice(0).map((engine) => engine.close()));
  backend = openBackend(readConfig(['--profile', 'User 1', '--anki-base', folder, '--url', url], {}), log);
  assistant = await Assistant.of(backend);
});

afterEach(async () => {
  await assistant.close();
  await backend.close();
  await Promise.all(toClose.splice(0).map((item) => item.close()));
});

const backendOf = async (name: string) => {
  const { _meta } = await assistant.client.callTool({ name, arguments: {} });
  return _meta?.['ankiwright/backend'];
};
const desktopBackend = () => ({ kind: 'anki-connect', place: url });
const engineBackend = () => ({ kind: 'engine', place: collection('User 1') });

test("while Anki is closed, calls use the engine on the profile's collection, and every result names it", async () => {
  expect((await assistant.call('deckNames')).result).toEqual(['Default', 'of User 1']);
  expect(await backendOf('deckNames')).toEqual(engineBackend());
  expect((await assistant.call('getActiveProfile')).result).toBe('User 1');
  expect((await assistant.call('overview')).result).toMatchObject({ backend: engineBackend() });
  expect((await assistant.client.readResource({ uri: 'anki://overview' }))._meta).toEqual({
    'ankiwright/backend': engineBackend(),
  });
  expect(await backendOf('deleteNotes')).toEqual(engineBackend()); // refused: the parameter notes is missing
});

test('when Anki opens, the collection is closed and calls use Anki', async () => {
  expect(await backendOf('deckNames')).toEqual(engineBackend());
  const lockedOut = engineOn('User 1');
  await expect(lockedOut.call('version', {})).rejects.toThrow(/open in another program/);
  const anki = await openAnki('User 1');
  const { text } = await assistant.call('deckNames'); // Anki runs, but could not open its profile
  expect(text).toMatch(/open in another program/);
  expect((await assistant.call('deckNames')).isError).toBe(false);
  expect(await backendOf('deckNames')).toEqual(desktopBackend());
  await anki.close();
  await assistant.call('deckNames'); // the last profile check is still valid
  expect(await backendOf('deckNames')).toEqual(engineBackend());
});

/** Starts a program that listens where Anki will, but does not answer yet, as Anki does while it opens the collection. */
async function startingAnki(): Promise<void> {
  const { hostname, port } = new URL(url);
  const server = createServer((socket) => socket.on('error', () => {})).listen(Number(port), hostname);
  await once(server, 'listening');
  toClose.push({ close: async () => server.close() });
}

test.each([
  ['without calls', 0],
  ['under steady load', 3],
])('when Anki starts, it can open the collection, also %s', async (_, callers) => {
  expect(await backendOf('deckNames')).toEqual(engineBackend());
  const load = new AbortController();
  const calls = Array.from({ length: callers }, async () => {
    while (!load.signal.aborted) await backend.call('deckNames', {});
  });
  await startingAnki();
  const anki = engineOn('User 1');
  await eventually(() => anki.call('version', {}));
  load.abort();
  await backend.close(); // ends calls that wait for the starting Anki
  await Promise.allSettled(calls);
});

test('the port of Anki is checked only while the collection is open', async () => {
  await backend.close();
  const args = ['--profile', 'User 1', '--anki-base', folder, '--url', url, '--idle', '0.1'];
  backend = openBackend(readConfig(args, {}), log);
  let checks = 0;
  const count = () => (checks += 1);
  diagnosticsChannel.subscribe('net.client.socket', count);
  try {
    await backend.call('deckNames', {});
    await eventually(() => expect(checks).toBeGreaterThan(1));
    const other = engineOn('User 1');
    await eventually(() => other.call('version', {})); // the collection is closed
    await sleep(50); // a check that was under way
    const before = checks;
    await sleep(300);
    expect(checks).toBe(before);
    await other.close();
    await backend.call('deckNames', {});
    await eventually(() => expect(checks).toBeGreaterThan(before + 1));
  } finally {
    diagnosticsChannel.unsubscribe('net.client.socket', count);
  }
});

test('calls are refused while Anki has another profile open', async () => {
  await openAnki('Other');
  const { text, isError } = await assistant.call('createDeck', { deck: 'mine' });
  expect(isError).toBe(true);
  expect(text).toMatch(/has the profile "Other" open, but this server is for "User 1".*Nothing was changed/);
  const other = await fetch(url, { method: 'POST', body: '{"action":"deckNames","version":6}' });
  expect(await other.json()).toMatchObject({ result: ['Default', 'of Other'] });
});

test('if Anki is open without the add-on, the error says so', async () => {
  await engineOn('User 1').call('version', {});
  const { text } = await assistant.call('deckNames');
  expect(text).toMatch(/open in another program/);
  expect(text).toContain(`If Anki has the profile "User 1" open, the Anki-Connect add-on is missing`);
});

test('the backend does not change while a call is running', async () => {
  await hold(backend, async (engine) => {
    expect(engine.kind).toBe('engine');
    const anki = await openAnki('Other');
    expect(await engine.call('deckNames', {})).toContain('of User 1');
    expect((await assistant.call('deckNames')).result).toContain('of User 1'); // uses the same backend as the running work
    await anki.close();
  });
});

test('a paused call does not keep its backend, and fails if Anki was opened meanwhile', async () => {
  const paused = hold(backend, (engine, pause) => {
    expect(engine.kind).toBe('engine');
    return pause(async () => {
      await openAnki('User 1');
      expect(await backendOf('deckNames')).toEqual(desktopBackend());
    });
  });
  await expect(paused).rejects.toThrow(/^Nothing was changed: Anki was opened or closed/);
  const unchanged = hold(backend, async (desktop, pause) => {
    await pause(async () => {});
    return desktop.kind;
  });
  expect(await unchanged).toBe('anki-connect');
});

test('the error for an unknown profile lists the existing ones', async () => {
  const unknown = openBackend(
    readConfig(['--profile', 'user 1', '--anki-base', folder, '--url', url], {}),
    log,
  );
  await expect(unknown.call('version', {})).rejects.toThrow(
    /no profile "user 1".*It has Other, User 1 \(names are case-sensitive\)/,
  );
  const escaping = ['--profile', '../User 1', '--anki-base', join(folder, 'Other'), '--url', url];
  await expect(openBackend(readConfig(escaping, {}), log).call('version', {})).rejects.toThrow(
    /It has no profiles/,
  );
});
