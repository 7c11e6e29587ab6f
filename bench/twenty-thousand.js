// A trial and a simulation on 20,000 notes with 16 reviews of each card.
import { readFileSync } from 'node:fs';
import { runAlone } from './alone.js';
import { formatMs, note, notes, report, timed } from './report.js';
import { RpcClient } from './rpc-client.js';

const updates = 1000;
/** Milliseconds of a clock tick in /proc (Linux only). */
const tickMs = 10;

/** Returns the CPU milliseconds of all child processes that have ended, and of theirs: a trial starts engines of its own. */
function endedCpu() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * tickMs;
}

/**
 * Runs work with a server of its own.
 * @template T @param {string[]} args @param {(client: RpcClient) => Promise<T>} work
 */
async function withClient(args, work) {
  const client = new RpcClient(args);
  await client.initialize();
  const result = await work(client);
  await client.end();
  return result;
}

/**
 * Reports how long one call takes, and the CPU of a server that does nothing else.
 * @param {string} title @param {string[]} args @param {(client: RpcClient) => Promise<unknown>} work
 */
async function reportCall(title, args, work) {
  const before = endedCpu();
  const elapsed = await withClient(args, async (client) => {
    await client.call('deckNames');
    return timed(() => work(client));
  });
  report(title, `${formatMs(elapsed)}, CPU with the start of the server ${formatMs(endedCpu() - before)}`);
}

/** @param {string} main The server. @param {string} collection Path of a new collection. */
export async function measureTwentyThousand(main, collection) {
  const args = [main, '--collection', collection, '--confirm', 'never', '--backup', 'never'];
  const ids = await withClient(args, async (client) => {
    await client.call('createDeck', { deck: 'Bench' });
    for (const part of [1, 2]) await client.call('addNotes', { notes: notes(10_000, `part ${part}`) });
    /** @type {number[]} */
    const found = await client.call('findNotes', { query: 'front:"part 1 *"' });
    return found;
  });
  runAlone('reviews.py', collection);
  const actions = ids.slice(0, updates).map((id, n) => ({
    action: 'updateNoteFields',
    params: { note: { id, fields: note(`changed ${n}`).fields } },
  }));
  await reportCall('trial of 1,000 updates of notes among 20,000', args, (client) =>
    client.call('trial', { calls: [{ tool: 'multi', args: { actions } }] }),
  );
  /** @param {RpcClient} client */
  const simulate = (client) => client.call('fsrs', { action: 'simulate', deck: 'Bench', days: 365 });
  // The first read of reviews that the script has inserted takes 4 s longer.
  await withClient(args, simulate);
  await reportCall('simulation of a year with 20,000 cards', args, simulate);
}
