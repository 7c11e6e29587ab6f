import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StartedServer } from '../support/started-server.ts';
import { guardedServer } from '../support/guarded-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const startedOn = (...args: string[]) =>
  StartedServer.start('--collection', join(temporaryFolder(), 'collection.anki2'), ...args);

const namesOf = async (server: StartedServer) =>
  (await server.client.listTools()).tools.map(({ name }) => name);

test('the core toolset of an engine has at most 40 tools in 20 KB, and runAction runs the actions that it does not list', async () => {
  const server = await startedOn('--toolsets', 'core');
  const { tools } = await server.client.listTools();
  expect(tools.length).toBeLessThanOrEqual(40);
  const visible = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  expect(Buffer.byteLength(JSON.stringify(visible))).toBeLessThanOrEqual(20_000);
  expect(tools.map(({ name }) => name)).not.toContain('getDeckStats');
  const direct = await server.call('getDeckStats', { decks: ['Default'] });
  expect(direct.text).toContain('Call runAction with action: "getDeckStats"');
  const { result } = await server.call('runAction', {
    action: 'getDeckStats',
    params: { decks: ['Default'] },
  });
  expect(result).toMatchObject({ '1': { name: 'Default', total_in_deck: 0 } });
});

test('runAction describes an action without params, and runs it with {}', async () => {
  const server = await startedOn('--toolsets', 'core');
  for (const args of [{ action: 'deckNames' }, { action: 'deckNames', params: null }]) {
    const { result, text } = await server.call('runAction', args);
    expect(result).toMatchObject({ name: 'deckNames', inputSchema: { type: 'object' } });
    expect(text).toContain('Nothing was run');
  }
  const described = await server.call('runAction', { action: 'createDeck' });
  expect(described.result).toMatchObject({
    description: expect.stringContaining('deck'),
    inputSchema: { properties: { deck: { type: 'string' } }, required: ['deck'] },
  });
  for (const params of [{}, '{}']) {
    const { result } = await server.call('runAction', { action: 'deckNames', params });
    expect(result).toEqual(['Default']);
  }
});

test('runAction checks, repairs, pages and reports as a direct call does', async () => {
  const server = await startedOn('--toolsets', 'core');
  const run = (action: string, params: object) => server.call('runAction', { action, params });
  for (const name of ['A', 'B', 'C']) await run('createDeck', { deck: name });
  expect((await run('deckNames', { limit: 2 })).result).toHaveLength(2);
  const wrong = await run('createDeck', { dek: 'D' });
  expect(wrong).toMatchObject({ isError: true });
  expect(wrong.text).toContain('Invalid arguments for createDeck');
  expect(wrong.text).toContain('did you mean "deck"?');
  const note = { deckName: 'A', modelName: 'Basic', fields: { Front: 'f', Back: 'b' }, tags: ['old'] };
  const added = await run('addNote', { note });
  const replaced = await run('replaceTags', {
    notes: [added.result],
    tag_to_replace: 'old',
    replace_with_tag: 'new',
  });
  const direct = await server.call('deleteNotes', { notes: [added.result] });
  expect(replaced.text).toContain('"summary"');
  expect(direct.text).toContain('"summary"');
  const misspelt = await run('deckNamse', {});
  expect(misspelt.text).toContain('did you mean "deckNames"?');
  expect((await run('runAction', { action: 'deckNames', params: {} })).isError).toBe(true);
});

test('runAction refuses excluded tools, also in a batch, and describes none of them', async () => {
  const server = await startedOn('--toolsets', 'core', '--exclude-tools', 'deleteDecks,createDeck');
  for (const args of [
    { action: 'createDeck', params: { deck: 'A' } },
    { action: 'createDeck' },
    { action: 'multi', params: { actions: [{ action: 'createDeck', params: { deck: 'A' } }] } },
  ]) {
    const { isError, text } = await server.call('runAction', args);
    expect(isError).toBe(true);
    expect(text).toContain('"createDeck" does not exist or is disabled');
  }
  const batch = { actions: [{ action: 'getDeckStats', params: { decks: ['Default'] } }] };
  const { result } = await server.call('runAction', { action: 'multi', params: batch });
  expect(result).toEqual([{ result: expect.anything(), error: null }]);
});

test('with --read-only, runAction only reads, and says so', async () => {
  const collection = join(temporaryFolder(), 'collection.anki2');
  const first = await StartedServer.start('--collection', collection);
  await first.call('createDeck', { deck: 'A' });
  await first.client.close();
  const server = await StartedServer.start('--collection', collection, '--toolsets', 'core', '--read-only');
  const { tools } = await server.client.listTools();
  expect(tools.find(({ name }) => name === 'runAction')?.annotations).toMatchObject({
    readOnlyHint: true,
    destructiveHint: false,
  });
  for (const action of ['createDeck', 'multi', 'saveNotes']) {
    const { isError, text } = await server.call('runAction', { action, params: { deck: 'B' } });
    expect(isError).toBe(true);
    expect(text).toContain(`"${action}" does not exist or is disabled`);
  }
  const { result } = await server.call('runAction', { action: 'deckNames', params: {} });
  expect(result).toEqual(['A', 'Default']);
});

test('without runAction, only listed tools run, also in a batch', async () => {
  const server = await startedOn('--tools', 'multi,deckNames');
  expect(await namesOf(server)).toEqual(['deckNames', 'multi']);
  expect((await server.call('runAction', { action: 'version', params: {} })).isError).toBe(true);
  const { text } = await server.call('multi', { actions: [{ action: 'version' }] });
  expect(text).toContain('actions[0]: The tool "version" does not exist or is disabled');
});

test('a file outside the allowed folders is refused through runAction', async () => {
  const server = await startedOn('--toolsets', 'core');
  const params = { path: '/etc/passwd' };
  const { isError, text } = await server.call('runAction', { action: 'importPackage', params });
  expect(isError).toBe(true);
  expect(text).toContain('/etc/passwd');
  expect(text).toContain('--allow-dir');
});

test('the user is asked before a deletion through runAction', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const fields = { Front: 'f', Back: 'b' };
  const note = await engine.call('addNote', {
    note: { deckName: 'Default', modelName: 'Basic', fields },
  });
  const { isError, text } = await assistant.call('runAction', {
    action: 'deleteNotes',
    params: { notes: [note] },
  });
  expect(isError).toBe(true);
  expect(text).toContain('The user declined');
  expect(questions).toHaveLength(1);
  expect(await engine.call('findNotes', { query: '' })).toEqual([note]);
});
