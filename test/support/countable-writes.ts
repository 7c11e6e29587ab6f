import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { OutcomeUnknown, Unreachable } from '../../src/contract/errors.ts';
import { Assistant } from './assistant.ts';

/** A write that is prepared and can be carried out once. */
export interface Write {
  /** Carries out the write. Throws the error that the caller receives. */
  readonly act: () => Promise<unknown>;
  /** Returns how often each effect of the write is stored: exactly once if it was carried out. */
  readonly times: () => Promise<readonly number[]>;
}

/** Prepares a write. Its effects contain `word`, which no other write uses. */
export type Prepare = (place: Place, word: string) => Promise<Write>;

export interface Place {
  readonly engine: Engine;
  /** An engine with another collection, to make packages. */
  readonly other: Engine;
  /** A folder for files. */
  readonly folder: string;
}

export const note = (front: string, deckName = 'Default') => ({
  deckName,
  modelName: 'Basic',
  fields: { Front: front, Back: 'back' },
});

/** Returns a unique word for each attempt at a write, in lower case because media files are stored in lower case. */
export const wordFor = (name: string, at: number): string =>
  `${name.replaceAll(/\W/g, '').toLowerCase()}${at}x`;

/** Returns 'done' or the error. */
export const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  );

/** Expects that a write that is done is stored once, an unknown one at most once, and one that was not started never. */
export async function expectOutcome(outcome: unknown, { times }: Write): Promise<void> {
  const numbers = await times();
  const why = `${String(outcome)}: ${numbers.join()}`;
  if (outcome !== 'done')
    expect(outcome instanceof OutcomeUnknown || outcome instanceof Unreachable, why).toBe(true);
  const allowed = outcome === 'done' ? [1] : outcome instanceof Unreachable ? [0] : [0, 1];
  expect(allowed, why).toEqual(expect.arrayContaining([...numbers]));
}

const count = (length: number): number[] => Array.from({ length }, (_, index) => index);

const found = async (engine: Engine, query: string): Promise<number> =>
  (await engine.call('findNotes', { query })).length;

/** Returns [1] if a query finds all notes of a write, [0] if it finds none, and a fraction if it finds some. */
const fractionFound = async (engine: Engine, query: string, of: number): Promise<number[]> => [
  (await found(engine, query)) / of,
];

async function cards(engine: Engine, word: string, length: number): Promise<number[]> {
  await engine.call('createDeck', { deck: word });
  await engine.call('addNotes', { notes: count(length).map((at) => note(`${word} ${at}`, word)) });
  return engine.call('findCards', { query: `deck:${word}` });
}

const reviews = async (engine: Engine, ids: readonly number[]): Promise<number[]> =>
  Object.values(await engine.call('getReviewsOfCards', { cards: [...ids] })).map((log) => log.length);

/** Saves notes with saveNotes. Throws an error like those of the backend if the notes were not saved. */
async function save(engine: Engine, fronts: readonly string[]): Promise<void> {
  const assistant = await Assistant.of(engine);
  const notes = fronts.map((front) => ({ fields: { Front: front, Back: 'back' } }));
  const answer = await assistant.call('saveNotes', { deckName: 'Default', modelName: 'Basic', notes });
  await assistant.close();
  if (answer.isError) throw new (/unknown/.test(answer.text) ? OutcomeUnknown : Unreachable)(answer.text);
  const outcomes = [...answer.text.matchAll(/"outcome":"(\w+)"/g)].map(([, outcome]) => outcome);
  if (outcomes.includes('unknown')) throw new OutcomeUnknown(answer.text);
  if (outcomes.some((outcome) => outcome !== 'unverified')) throw new Error(answer.text);
}

export const writes: Readonly<Record<string, Prepare>> = {
  addNote: async ({ engine }, word) => ({
    act: () => engine.call('addNote', { note: note(word) }),
    times: () => fractionFound(engine, `front:${word}`, 1),
  }),

  'addNotes with 200 notes': async ({ engine }, word) => ({
    act: () => engine.call('addNotes', { notes: count(200).map((at) => note(`${word} ${at}`)) }),
    times: () => fractionFound(engine, `front:${word}*`, 200),
  }),

  updateNoteFields: async ({ engine }, word) => {
    const id = await engine.call('addNote', { note: note(`before ${word}`) });
    return {
      act: () => engine.call('updateNoteFields', { note: { id, fields: { Back: word } } }),
      times: () => fractionFound(engine, `back:${word}`, 1),
    };
  },

  guiAnswerCard: async ({ engine }, word) => {
    const ids = await cards(engine, word, 1);
    await engine.call('guiDeckReview', { name: word });
    await engine.call('guiShowAnswer', {});
    return {
      act: async () => {
        if (!(await engine.call('guiAnswerCard', { ease: 3 }))) throw new Error('no card was shown');
      },
      times: () => reviews(engine, ids),
    };
  },

  answerCards: async ({ engine }, word) => {
    const ids = await cards(engine, word, 2);
    return {
      act: () => engine.call('answerCards', { answers: ids.map((cardId) => ({ cardId, ease: 3 })) }),
      times: () => reviews(engine, ids),
    };
  },

  deleteNotes: async ({ engine }, word) => {
    await cards(engine, word, 20);
    const notes = await engine.call('findNotes', { query: `deck:${word}` });
    return {
      act: () => engine.call('deleteNotes', { notes }),
      times: async () => [1 - (await found(engine, `deck:${word}`)) / 20],
    };
  },

  multi: async ({ engine }, word) => {
    const fronts = count(2).map((at) => `${word}${at}`);
    const actions = fronts.map((front) => ({ action: 'addNote', version: 6, params: { note: note(front) } }));
    return {
      act: () => engine.call('multi', { actions }),
      times: () => Promise.all(fronts.map((front) => found(engine, `front:${front}`))),
    };
  },

  'saveNotes by an assistant': async ({ engine }, word) => {
    const fronts = count(2).map((at) => `${word}${at}`);
    return {
      act: () => save(engine, fronts),
      times: () => Promise.all(fronts.map((front) => found(engine, `front:${front}`))),
    };
  },

  importPackage: async ({ engine, other, folder }, word) => {
    const path = join(folder, `${word}.apkg`);
    await cards(other, word, 50);
    await other.call('exportPackage', { deck: word, path });
    return {
      act: () => engine.call('importPackage', { path }),
      times: () => fractionFound(engine, `front:${word}*`, 50),
    };
  },

  storeMediaFile: async ({ engine }, word) => {
    const data = randomBytes(3_000_000).toString('base64');
    const filename = `${word}.bin`;
    return {
      act: () => engine.call('storeMediaFile', { filename, data }),
      times: async () => {
        const names = await engine.call('getMediaFilesNames', { pattern: `*${word}*` });
        const isComplete = (await engine.call('retrieveMediaFile', { filename })) === data;
        return [names.length, Number(isComplete)];
      },
    };
  },

  changeDeck: async ({ engine }, word) => {
    const ids = await cards(engine, `${word}from`, 20);
    return {
      act: () => engine.call('changeDeck', { cards: ids, deck: `${word}to` }),
      times: () => fractionFound(engine, `deck:${word}to`, 20),
    };
  },

  createModel: async ({ engine }, word) => ({
    act: () =>
      engine.call('createModel', {
        modelName: word,
        inOrderFields: ['A', 'B'],
        cardTemplates: [{ Front: '{{A}}', Back: '{{B}}' }],
      }),
    times: async () => [(await engine.call('modelNames', {})).filter((name) => name.startsWith(word)).length],
  }),
};
