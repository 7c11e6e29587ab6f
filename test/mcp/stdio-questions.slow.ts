import { beforeEach, expect, test } from 'vitest';
import { askingServer, deleteDeck, question } from '../support/asking-server.ts';
import { succeeded, textOf, type RawServer } from '../support/raw-server.ts';

let server: RawServer;
beforeEach(async () => {
  server = await askingServer();
});

test.each([
  ['without result', (id: unknown) => ({ jsonrpc: '2.0', id })],
  ['with result null', (id: unknown) => ({ jsonrpc: '2.0', id, result: null })],
  [
    'with result and error',
    (id: unknown) => ({ jsonrpc: '2.0', id, result: { action: 'accept' }, error: { code: 1, message: 'x' } }),
  ],
  ['with error null', (id: unknown) => ({ jsonrpc: '2.0', id, result: { action: 'accept' }, error: null })],
  ['without jsonrpc', (id: unknown) => ({ id, result: { action: 'accept' } })],
  ['without action', (id: unknown) => ({ jsonrpc: '2.0', id, result: {} })],
  ['with an unknown action', (id: unknown) => ({ jsonrpc: '2.0', id, result: { action: 'yes' } })],
  ['with an error that is a text', (id: unknown) => ({ jsonrpc: '2.0', id, error: 'no window' })],
  ['with a text as id, without result', (id: unknown) => ({ jsonrpc: '2.0', id: String(id) })],
  ['in a batch', (id: unknown) => [{ jsonrpc: '2.0', id, result: { action: 'accept' } }]],
])('an answer %s ends the call at once and changes nothing', async (_, answerTo) => {
  await server.call('createDeck', { deck: 'D' });
  const call = server.call(...deleteDeck('D'));
  server.send(`${JSON.stringify(answerTo(await question(server)))}\n`);
  const reply = await call;
  expect(succeeded(reply)).toBe(false);
  expect(textOf(reply)).toMatch(/^Nothing was changed: the user could not be asked .*answer is invalid/);
  expect((await server.call('deckNames')).result?.structuredContent?.result).toEqual(['D', 'Default']);
});

test('an answer that is not JSON ends the call at once', async () => {
  await server.call('createDeck', { deck: 'D' });
  const call = server.call(...deleteDeck('D'));
  server.send(`{"jsonrpc":"2.0","id":${await question(server)},"result":{"action":\n`);
  expect(textOf(await call)).toContain('answer is invalid');
});

test('an invalid message with another id leaves the question open', async () => {
  await server.call('createDeck', { deck: 'D' });
  const call = server.call(...deleteDeck('D'));
  const id = await question(server);
  server.send('null\n{"id":999}\n{"id":null}\n[]\n');
  server.send({ id, result: { action: 'accept' } });
  expect(succeeded(await call)).toBe(true);
  expect((await server.call('deckNames')).result?.structuredContent?.result).toEqual(['Default']);
});
