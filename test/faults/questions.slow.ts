import { describe, expect, test } from 'vitest';
import { askingServer, deleteDeck, question, questions } from '../support/asking-server.ts';
import { eventually } from '../support/eventually.ts';
import { succeeded, textOf } from '../support/raw-server.ts';

describe('Server', () => {
  test('300 parallel questions are asked in turn, and each answer is read', async () => {
    const server = await askingServer();
    const decks = Array.from({ length: 300 }, (_, index) => `D${index}`);
    await server.call('multi', {
      actions: decks.map((deck) => ({ action: 'createDeck', params: { deck } })),
    });
    const calls = decks.map((deck) => server.call(...deleteDeck(deck)));
    const answered = new Set<unknown>();
    const answerAll = () => {
      for (const id of questions(server).filter((each) => !answered.has(each))) {
        answered.add(id);
        server.send({ id, result: { action: 'accept', content: {} } });
      }
    };
    server.child.stdout.on('data', answerAll);
    const replies = await Promise.all(calls);
    expect(replies.filter((reply) => !succeeded(reply)).map(textOf)).toEqual([]);
    expect((await server.call('deckNames')).result?.structuredContent?.result).toEqual(['Default']);
  });

  test('other calls are answered while 300 questions are open, and a call beyond the limit is refused', async () => {
    const server = await askingServer();
    await server.call('createDeck', { deck: 'D' });
    const calls = Array.from({ length: 300 }, () => server.call(...deleteDeck('D')));
    await question(server);
    expect((await server.call('deckNames')).result?.structuredContent?.result).toEqual(['D', 'Default']);
    calls.push(...Array.from({ length: 2000 }, () => server.call(...deleteDeck('D'))));
    const refused = await Promise.race(calls);
    expect(succeeded(refused)).toBe(false);
    expect(textOf(refused)).toMatch(/^Nothing was done: .*Repeat this (call|request)/);
    await eventually(async () =>
      expect(succeeded(await server.call('createDeck', { deck: 'E' }))).toBe(true),
    );
  });
});
