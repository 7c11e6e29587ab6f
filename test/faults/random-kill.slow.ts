import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BackupFolder } from '../../src/tools/safeguards/backup-folder.ts';
import { builtServer } from '../support/built-server.ts';
import { temporaryEngine } from '../support/collection.ts';
import { note } from '../support/countable-writes.ts';
import { expectIntact } from '../support/database-check.ts';
import { hostPython } from '../support/host-python.ts';
import { newCollection } from '../support/served.ts';

const rounds = 40;

type Server = Awaited<ReturnType<typeof builtServer>>;

/** How often something may be stored: at least as often as it was acknowledged, at most as often as it was sent. */
class Expected {
  readonly #counts = new Map<string, { least: number; most: number; sent: string[] }>();
  /** What runs now, for messages. */
  now = '';

  /** Counts a write. Without a reply, or if its outcome is unknown, it may be stored or not. */
  add(key: string, outcome: 'done' | 'refused' | 'unknown'): void {
    const { least, most, sent } = this.#counts.get(key) ?? { least: 0, most: 0, sent: [] };
    this.#counts.set(key, {
      least: least + Number(outcome === 'done'),
      most: most + Number(outcome !== 'refused'),
      sent: [...sent, `${this.now}: ${outcome}`],
    });
  }

  /** Returns what is stored less often or more often. */
  wrong(stored: (key: string) => number): string[] {
    return [...this.#counts].flatMap(([key, { least, most, sent }]) => {
      const found = stored(key);
      return found >= least && found <= most
        ? []
        : [`${key}: ${found}, not ${least} to ${most} (${sent.join('; ')})`];
    });
  }
}

interface Job {
  readonly server: Server;
  readonly name: string;
  readonly cards: readonly number[];
  readonly expected: Expected;
}

/** Calls a tool. Without a reply, the outcome is unknown. */
async function call(server: Server, name: string, args: Record<string, unknown>) {
  const reply = await server.call(name, args).catch(() => undefined);
  const isUnknown = reply === undefined || (reply.isError && /unknown/i.test(reply.text));
  const outcome = isUnknown ? 'unknown' : reply.isError ? 'refused' : 'done';
  return { outcome, text: reply?.text ?? '' } as const;
}

const resultOf = (text: string) =>
  text.startsWith('{') ? JSON.parse(text.split('\n')[0] ?? '').result : undefined;

/** Sequences of calls, each of which counts what it wrote. Deck names and fronts have the unique name of the job. */
const jobs: Readonly<Record<string, (job: Job) => Promise<void>>> = {
  addNote: async ({ server, name, expected }) => {
    const { outcome } = await call(server, 'addNote', { note: note(name) });
    expected.add(`note ${name}`, outcome);
  },

  saveNotes: async ({ server, name, expected }) => {
    const notes = ['a', 'b', 'c'].map((end) => ({ fields: { Front: `${name}${end}`, Back: 'x' } }));
    const args = { deckName: 'Default', modelName: 'Basic', notes };
    const { outcome: reply, text } = await call(server, 'saveNotes', args);
    // The result has an outcome for each note.
    const isUnknown = reply === 'done' && !/"created":3/.test(text);
    if (isUnknown) expect(text).toMatch(/"outcome":"unknown"/);
    const outcome = isUnknown ? 'unknown' : reply;
    for (const end of ['a', 'b', 'c']) expected.add(`note ${name}${end}`, outcome);
  },

  trial: async ({ server, name, expected }) => {
    const tried = await call(server, 'trial', { calls: [{ tool: 'addNote', args: { note: note(name) } }] });
    const token = resultOf(tried.text)?.token;
    if (token === undefined) return;
    expected.add(`note ${name}`, (await call(server, 'trial', { commit: token })).outcome);
  },

  answerCards: async ({ server, cards, expected }) => {
    const [cardId = 0] = cards;
    const { outcome } = await call(server, 'answerCards', { answers: [{ cardId, ease: 3 }] });
    expected.add(`review ${cardId}`, outcome);
  },

  guiAnswerCard: async ({ server, cards, expected }) => {
    for (const cardId of cards.slice(0, 3)) {
      await call(server, 'guiDeckReview', { name: `Deck${cardId % 7}` });
      const shown = await call(server, 'guiCurrentCard', {});
      const id = resultOf(shown.text)?.cardId;
      await call(server, 'guiShowAnswer', {});
      const { outcome, text } = await call(server, 'guiAnswerCard', { ease: 3 });
      if (id !== undefined) expected.add(`review ${id}`, resultOf(text) === false ? 'refused' : outcome);
    }
  },

  study: async ({ server, expected }) => {
    let shown = await call(server, 'study', { action: 'start', only: 'all', deck: 'Default' });
    for (let at = 0; at < 4; at++) {
      const card = resultOf(shown.text)?.cardId;
      if (card === undefined) return;
      await call(server, 'study', { action: 'reveal', card });
      shown = await call(server, 'study', { action: 'rate', card, rating: 3 });
      expected.add(`review ${card}`, shown.outcome);
    }
  },

  ratings: async ({ server, cards, expected }) => {
    await call(server, 'study', { action: 'start', only: 'all', query: `cid:${cards.slice(0, 4).join()}` });
    const ratings = cards.slice(0, 4).map((card) => ({ card, rating: 3 }));
    const { outcome } = await call(server, 'study', { action: 'rate', ratings });
    // How many of them were rated is in the result; the database must not have more than one of each.
    for (const { card } of ratings) expected.add(`review ${card}`, outcome === 'done' ? 'unknown' : outcome);
  },

  merge: async ({ server, name, expected }) => {
    await call(server, 'createDeck', { deck: `${name}from` });
    const { outcome } = await call(server, 'addNote', { note: note(name, `${name}from`) });
    expected.add(`note ${name}`, outcome);
    await call(server, 'decks', { action: 'merge', deck: `${name}from`, to: 'Default' });
  },

  filteredDeck: async ({ server, name, cards }) => {
    const searches = [{ search: `cid:${cards.join()}`, limit: 5 }];
    await call(server, 'filteredDeck', { action: 'create', deck: name, searches });
    await call(server, 'filteredDeck', { action: 'rebuild', deck: name });
    await call(server, 'filteredDeck', { action: 'delete', deck: name });
  },

  undo: async ({ server, name, expected }) => {
    const added = await call(server, 'addNote', { note: note(name) });
    if (added.outcome !== 'done') {
      expected.add(`note ${name}`, added.outcome);
      return;
    }
    const undone = await call(server, 'undo', { action: 'undo' });
    expected.add(`note ${name}`, undone.outcome === 'refused' ? added.outcome : 'unknown');
  },

  restore: async ({ server, name, expected }) => {
    const added = await call(server, 'addNote', { note: note(name) });
    const id = resultOf(added.text);
    const deleted = added.outcome === 'done' && (await call(server, 'deleteNotes', { notes: [id] })).outcome;
    if (deleted === false || deleted === 'refused') {
      expected.add(`note ${name}`, added.outcome);
      return;
    }
    // The newest backup may be one that another restore made while the note was deleted.
    const { text } = await call(server, 'backups', { action: 'restore', notes: [id] });
    expected.add(`note ${name}`, text.includes('"restored":1') ? 'done' : 'unknown');
  },

  deckOptions: async ({ server, name }) => {
    await call(server, 'createDeck', { deck: name });
    await call(server, 'deckOptions', { deck: name, set: { 'new.perDay': 7 } });
    await call(server, 'changeCards', { query: `deck:${name}`, suspend: true });
  },

  editTags: async ({ server, name }) => {
    await call(server, 'editTags', { query: 'front:start*', add: [name] });
    await call(server, 'findReplace', { query: 'front:start*', find: 'back', replace: 'back' });
  },
};

/** Jobs that would take the card or the undo step of a job that runs at the same time. */
const usesSharedState = new Set(['undo', 'guiAnswerCard']);

describe('Engine: process killed (SIGKILL)', () => {
  test('random sequences of writes by all kinds of tools, with the server or the engine killed at any moment: acknowledged writes are stored once, the database is intact, and nothing unfinished is left', async ({
    task,
  }) => {
    const collection = newCollection();
    const first = temporaryEngine({ collection });
    const fronts = Array.from({ length: 140 }, (_, at) => at);
    for (const at of fronts.slice(0, 7)) await first.engine.call('createDeck', { deck: `Deck${at}` });
    await first.engine.call('addNotes', {
      notes: fronts.map((at) => note(`start${at}`, at % 2 === 0 ? 'Default' : `Deck${at % 7}`)),
    });
    const cards = await first.engine.call('findCards', { query: '' });
    await first.engine.close();
    const python = await hostPython();
    const expected = new Expected();
    const plans = fc.sample(
      fc.record({
        jobs: fc.array(fc.constantFrom(...Object.keys(jobs)), { minLength: 1, maxLength: 6 }),
        parallel: fc.boolean(),
        kills: fc.constantFrom('server', 'engine'),
        moment: fc.integer({ min: 0, max: 900 }),
        from: fc.integer({ min: 0, max: cards.length - 6 }),
      }),
      { numRuns: rounds, seed: 9 },
    );
    const args = ['--collection', collection, '--python', python.path];
    let server: Server | undefined;
    for (const [round, { jobs: names, parallel, kills, moment, from }] of plans.entries()) {
      server ??= await builtServer(args);
      const current = server;
      await current.call('deckNames');
      expected.now = `round ${round}, ${kills} killed, ${parallel ? 'parallel' : 'in turn'}, ${names.join()}`;
      const run = async (): Promise<void> => {
        const started: Promise<void>[] = [];
        for (const [at, name] of names.entries()) {
          if (parallel && usesSharedState.has(name)) continue;
          const job = jobs[name]?.({
            server: current,
            name: `${name.toLowerCase()}${round}x${at}x`,
            cards: cards.slice(from, from + 6),
            expected,
          });
          if (!parallel) await job;
          else if (job) started.push(job);
        }
        await Promise.all(started);
      };
      const work = run();
      await sleep(moment);
      if (kills === 'server') process.kill(current.pid, 'SIGKILL');
      else python.signal('SIGKILL');
      await work;
      if (kills === 'server') {
        await current.close();
        server = undefined;
      }
      if (round % 10 !== 9 && round !== plans.length - 1) continue;
      await server?.close();
      server = undefined;
      const { engine } = temporaryEngine({ collection });
      const notes = await engine.call('notesInfo', { query: '' });
      const stored = new Map<string, number>();
      for (const { fields } of notes) {
        const front = fields?.['Front']?.value ?? '';
        stored.set(front, (stored.get(front) ?? 0) + 1);
      }
      const reviews = await engine.call('getReviewsOfCards', { cards: [...cards] });
      const wrong = expected.wrong((key) => {
        const [kind = '', name = ''] = key.split(' ');
        return kind === 'note' ? (stored.get(name) ?? 0) : (reviews[name]?.length ?? 0);
      });
      expect(wrong).toEqual([]);
      expect([...stored].filter(([, count]) => count > 1)).toEqual([]);
      expect(notes.filter(({ fields }) => fields?.['Front']?.value.startsWith('start'))).toHaveLength(140);
      await expectIntact(engine);
      await engine.close();
      const folder = collection.replace(/\.anki2$/, '.ankiwright-backups');
      if (existsSync(folder)) {
        const found = await new BackupFolder(folder).list();
        expect(found.filter(({ isComplete }) => !isComplete)).toEqual([]);
      }
      expect(
        readdirSync(collection.replace(/\/[^/]+$/, '')).filter((name) => /anki2-(?:wal|shm)$/.test(name)),
      ).toEqual([]);
    }
    await server?.close();
    task.meta.cases = rounds;
  });
});
