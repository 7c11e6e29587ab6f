import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtServer } from '../support/built-server.ts';
import { newCollection } from '../support/served.ts';

const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

test('with --read-only, the reading workflows leave the collection file as it is', async () => {
  const collection = newCollection();
  const writer = await builtServer(['--collection', collection]);
  const notes = [{ fields: { Front: 'f', Back: 'b' } }];
  await writer.call('saveNotes', { notes, deckName: 'Default', modelName: 'Basic' });
  await writer.close();
  const before = hashOf(collection);
  const reader = await builtServer(['--collection', collection, '--read-only']);
  for (const [name, args] of [
    ['overview', {}],
    ['searchNotes', { query: '', cards: true }],
    ['viewCards', { query: 'is:new' }],
    ['insights', {}],
    ['runAction', { action: 'cardsInfo', params: { cards: [] } }],
  ] as const) {
    const { isError, text } = await reader.call(name, args);
    expect(isError, `${name}: ${text}`).toBe(false);
  }
  await reader.close();
  expect(hashOf(collection)).toBe(before);
});
