// CPU of actions on 10,000 cards, beside the same work done by floor.py with the engine alone.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RpcClient } from './rpc-client.js';

const floor = fileURLToPath(new URL('floor.py', import.meta.url));
const home = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ankiwright', 'anki-26.9.3');

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/**
 * @param {string} main The server. @param {string} collection Path of a new collection.
 * @param {(title: string, figure: string) => void} report
 */
export async function measureManyCards(main, collection, report) {
  const client = new RpcClient([main, '--collection', collection]);
  await client.initialize();
  await client.call('createDeck', { deck: 'Bench' });
  const notes = Array.from({ length: 10_000 }, (_, index) => ({
    deckName: 'Bench',
    modelName: 'Basic',
    fields: { Front: `card ${index}`, Back: 'back' },
  }));
  await client.call('addNotes', { notes });
  /** @type {number[]} */
  const cards = await client.call('findCards', { query: '', limit: 10_000 });
  const answer = () =>
    client.call('answerCards', { answers: cards.slice(0, 1000).map((cardId) => ({ cardId, ease: 3 })) });
  await client.call('setDueDate', { cards, days: '0' });
  /** @type {Record<string, number>} */
  const ours = {};
  /** @param {string} name @param {() => Promise<unknown>} work */
  const measure = async (name, work) => {
    const durations = [];
    for (let n = 0; n < 7; n++) {
      const before = client.cpu();
      await work();
      durations.push(client.cpu() - before);
    }
    ours[name] = median(durations);
  };
  await measure('cardsInfo', () => client.call('cardsInfo', { cards }));
  const twelveTimes = Array.from({ length: 12 }, () => cards).flat();
  await measure('cardsInfoOfMany', () => client.call('cardsInfo', { cards: twelveTimes }));
  for (const name of ['areSuspended', 'getEaseFactors', 'getIntervals', 'areDue', 'getDecks']) {
    await measure(name, () => client.call(name, { cards, limit: 10_000 }));
  }
  await measure('suspend', async () => {
    await client.call('suspend', { cards });
    await client.call('unsuspend', { cards });
  });
  await measure('answerCards', answer);
  await client.end();
  const { python, tables } = JSON.parse(readFileSync(join(home, 'ready.json'), 'utf8'));
  const args = ['-I', '-S', floor, join(home, 'wheel'), collection, JSON.stringify(tables.methods)];
  /** @type {Record<string, number>} */
  const alone = JSON.parse(execFileSync(python, args, { encoding: 'utf8' }));
  const titles = {
    cardsInfo: 'first page of `cardsInfo` for 10,000 cards',
    cardsInfoOfMany: 'first page of `cardsInfo` for 120,000 cards',
    suspend: '`suspend` and `unsuspend` of 10,000 cards',
    answerCards: '`answerCards` with 1,000 answers',
  };
  for (const [name, ms] of Object.entries(ours)) {
    const title = Object.entries(titles).find(([key]) => key === name)?.[1] ?? `\`${name}\` of 10,000 cards`;
    const bare = alone[name === 'cardsInfoOfMany' ? 'cardsInfo' : name] ?? NaN;
    report(
      `${title}: CPU against the engine alone`,
      `${ms.toFixed(1)} ms / ${bare.toFixed(1)} ms = ${(ms / bare).toFixed(1)} ×`,
    );
  }
}
