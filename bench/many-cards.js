// CPU of actions on 10,000 cards, beside the same work done by floor.py with the engine alone.
import { runAlone } from './alone.js';
import { medianCpu, note, notes, reportRatio } from './report.js';
import { RpcClient } from './rpc-client.js';

const cardsOf10000 = ['areSuspended', 'getEaseFactors', 'cardsModTime', 'getIntervals', 'areDue', 'getDecks'];

/** @type {Readonly<Record<string, string>>} */
const titles = {
  cardsInfo: 'first page of `cardsInfo` for 10,000 cards',
  cardsInfoOfMany: 'first page of `cardsInfo` for 120,000 ids',
  findNotes: '`findNotes` with 10,000 hits',
  suspend: '`suspend` and `unsuspend` of 10,000 cards',
  canAddNotes: '`canAddNotes` with 1,000 notes',
  replaceTags: '`replaceTags` in 10,000 notes, there and back',
  getDeckStats: '`getDeckStats`',
  overview: '`overview`',
  answerCards: '`answerCards` with 1,000 answers',
};

/** @param {string} main The server. @param {string} collection Path of a new collection. */
export async function measureManyCards(main, collection) {
  const client = new RpcClient([main, '--collection', collection, '--confirm', 'never', '--backup', 'never']);
  await client.initialize();
  await client.call('createDeck', { deck: 'Bench' });
  await client.call('addNotes', { notes: notes(10_000, 'card').map((each) => ({ ...each, tags: ['old'] })) });
  /** @type {number[]} */
  const cards = await client.call('findCards', { query: '', limit: 10_000 });
  /** @type {number[]} */
  const found = await client.call('findNotes', { query: '', limit: 10_000 });
  await client.call('setDueDate', { cards, days: '0' });
  /** @type {Record<string, number>} */
  const ours = {};
  /** @param {string} name @param {(n: number) => Promise<unknown>} work */
  const measure = async (name, work) => (ours[name] = await medianCpu(client, 7, work));
  await measure('cardsInfo', () => client.call('cardsInfo', { cards }));
  const many = Array.from({ length: 12 }, () => cards).flat();
  await measure('cardsInfoOfMany', () => client.call('cardsInfo', { cards: many }));
  await measure('findNotes', () => client.call('findNotes', { query: 'front:card*', limit: 10_000 }));
  for (const name of cardsOf10000) await measure(name, () => client.call(name, { cards, limit: 10_000 }));
  await measure('suspend', async () => {
    await client.call('suspend', { cards });
    await client.call('unsuspend', { cards });
  });
  const fresh = Array.from({ length: 1000 }, (_, n) => note(`new ${n}`));
  await measure('canAddNotes', () => client.call('canAddNotes', { notes: fresh }));
  await measure('replaceTags', async () => {
    await client.call('replaceTags', { notes: found, tag_to_replace: 'old', replace_with_tag: 'new' });
    await client.call('replaceTags', { notes: found, tag_to_replace: 'new', replace_with_tag: 'old' });
  });
  await measure('getDeckStats', () => client.call('getDeckStats', { decks: ['Bench'] }));
  await measure('overview', () => client.call('overview'));
  const answers = cards.slice(0, 1000).map((cardId) => ({ cardId, ease: 3 }));
  await measure('answerCards', () => client.call('answerCards', { answers }));
  await client.end();
  /** @type {Record<string, number>} */
  const alone = JSON.parse(runAlone('floor.py', collection));
  for (const [name, ms] of Object.entries(ours)) {
    const title = titles[name] ?? `\`${name}\` of 10,000 cards`;
    reportRatio(
      `${title}: CPU against the engine alone`,
      ms,
      alone[name] ?? NaN,
      (value) => `${value.toFixed(1)} ms`,
    );
  }
}
