// Actions on 10,000 and 100,000 notes with 16 reviews of each card: what grows with the collection.
import { runAlone } from './alone.js';
import { medianCpu, note, notes, reportRatio } from './report.js';
import { RpcClient } from './rpc-client.js';

const notesPerCall = 10_000;

/**
 * Measures one collection. Returns CPU milliseconds by name.
 * @param {string} main @param {string} collection @param {number} count
 */
async function measure(main, collection, count) {
  const args = [main, '--collection', collection, '--confirm', 'never', '--backup', 'never'];
  const filling = new RpcClient(args);
  await filling.initialize();
  await filling.call('createDeck', { deck: 'Bench' });
  for (let start = 0; start < count; start += notesPerCall)
    await filling.call('addNotes', { notes: notes(notesPerCall, `part ${start}`) });
  await filling.end();
  runAlone('reviews.py', collection);
  const client = new RpcClient(args);
  await client.initialize();
  await client.call('deckNames');
  /** @param {number} times @param {(n: number) => Promise<unknown>} work */
  const cpu = (times, work) => medianCpu(client, times, work);
  const measured = {
    insights: await cpu(3, () => client.call('insights')),
    reviewsByDay: await cpu(15, () => client.call('getNumCardsReviewedByDay')),
    addNote: await cpu(25, (n) => client.call('addNote', { note: note(`without ${n}`) })),
    saveNotes: await cpu(25, (n) => client.call('saveNotes', { notes: [note(`saved ${n}`)] })),
    addNoteInStudy: NaN,
    saveNotesInStudy: NaN,
  };
  await client.call('study', { action: 'start', deck: 'Bench' });
  measured.addNoteInStudy = await cpu(25, (n) => client.call('addNote', { note: note(`with ${n}`) }));
  measured.saveNotesInStudy = await cpu(25, (n) =>
    client.call('saveNotes', { notes: [note(`saved in study ${n}`)] }),
  );
  await client.end();
  /** @type {Record<string, number>} */
  const alone = JSON.parse(runAlone('floor.py', collection));
  return { ...measured, alone: alone['reviewsByDay'] ?? NaN };
}

/** @param {string} main The server. @param {(name: string) => string} newCollection Returns the path of a new collection. */
export async function measureLarge(main, newCollection) {
  const small = await measure(main, newCollection('small'), 10_000);
  const large = await measure(main, newCollection('large'), 100_000);
  reportRatio('`insights` on 100,000 notes: CPU against 10,000 notes', large.insights, small.insights);
  reportRatio(
    '`getNumCardsReviewedByDay` with 1.6 million reviews: CPU against 160,000 reviews',
    large.reviewsByDay,
    small.reviewsByDay,
  );
  reportRatio(
    '`getNumCardsReviewedByDay` with 1.6 million reviews: CPU against local time for each row in SQL',
    large.reviewsByDay,
    large.alone,
  );
  reportRatio(
    '`addNote` while a study session is open, 100,000 notes: CPU against no session',
    large.addNoteInStudy,
    large.addNote,
  );
  reportRatio(
    '`saveNotes` with one note while a study session is open, 100,000 notes: CPU against no session',
    large.saveNotesInStudy,
    large.saveNotes,
  );
}
