import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Safeguard } from '../../src/tools/safeguards/safeguard.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';
import { shapes } from '../support/shapes.ts';

const { engine, close } = temporaryEngine();
const fields = Array.from({ length: 8 }, (_, index) => `F${index + 1}`);
const deckName = 'Long texts';
let assistant: Assistant;

beforeAll(async () => {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' as const }));
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  assistant = await Assistant.of(engine, { safeguard }, client);
  await engine.call('createDeck', { deck: deckName });
  const inOrderFields = ['F0', ...fields];
  // In a cloze type, Anki accepts deletions.
  const sides = inOrderFields.map((name) => `{{cloze:${name}}}`).join('<br>');
  const cardTemplates = [{ Name: 'C', Front: `q${sides}`, Back: '{{FrontSide}}<hr id=answer>{{cloze:F1}}' }];
  await engine.call('createModel', { modelName: 'Long', inOrderFields, isCloze: true, cardTemplates });
});
afterAll(async () => {
  await assistant.close();
  await close();
});

type Texts = Readonly<Record<string, string>>;

/** Uses of one note, by name. Each returns when its reply has arrived. */
const uses: Readonly<Record<string, (note: number, texts: Texts) => Promise<unknown>>> = {
  searchNotes: (note) => assistant.call('searchNotes', { query: `nid:${note} sound` }),
  'searchNotes with fields': (note) => assistant.call('searchNotes', { query: `nid:${note}`, fields }),
  viewCards: (note) => assistant.call('viewCards', { query: `nid:${note}` }),
  notesInfo: (note) => assistant.call('notesInfo', { notes: [note], limit: 1 }),
  cardsInfo: async (note) =>
    assistant.call('cardsInfo', {
      cards: await engine.call('findCards', { query: `nid:${note}` }),
      css: false,
    }),
  study: async () => {
    await assistant.call('study', { action: 'start', deck: deckName });
    await assistant.call('study', { action: 'reveal' });
    await assistant.call('study', { action: 'stop' });
  },
  insights: () =>
    assistant.call('insights', {
      deck: deckName,
      sections: ['weak', 'duplicates', 'emptyCards', 'media', 'tags'],
    }),
  'a question about deletion': (note) => assistant.call('deleteNotes', { notes: [note] }),
  'card resource': async (note) => {
    const [card] = await engine.call('findCards', { query: `nid:${note}` });
    await assistant.client.readResource({ uri: `anki://card/${card}` });
  },
  'note resource': (note) => assistant.client.readResource({ uri: `anki://note/${note}` }),
  'deck resource': () =>
    assistant.client.readResource({ uri: `anki://deck/${encodeURIComponent(deckName)}` }),
  'saveNotes, dry run': (id, texts) =>
    assistant.call('saveNotes', { notes: [{ id, fields: texts }], dryRun: true }),
  'saveNotes, Markdown': (id, texts) =>
    assistant.call('saveNotes', {
      notes: fields.map((name, index) => ({ fields: { F0: `${id} ${index}`, F1: texts[name] ?? '' } })),
      modelName: 'Long',
      deckName,
      markdown: true,
      dryRun: true,
    }),
  'saveNotes, new notes': (_, texts) =>
    assistant.call('saveNotes', {
      notes: fields.map((name) => ({ fields: { F0: texts[name] ?? '' } })),
      modelName: 'Long',
      deckName,
      dryRun: true,
    }),
};

/** Returns the CPU milliseconds of this process, in which the server runs. The engine is another process. */
async function cpuTime(use: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await use();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const groups = Array.from({ length: Math.ceil(shapes.length / fields.length) }, (_, index) =>
  shapes.slice(index * fields.length, (index + 1) * fields.length),
);

describe('Note texts', () => {
  test.for(groups.map((group) => ({ group })))(
    'repeated or deeply nested markup in fields of 100 KB: read and saved in linear time',
    async ({ group }, { task }) => {
      task.meta.cases = group.length;
      const textsOf = (length: number): Texts =>
        Object.fromEntries(group.map(([, shape], index) => [`F${index + 1}`, shape(length)]));
      const withNote = async <T>(texts: Texts, use: (note: number) => Promise<T>): Promise<T> => {
        const note = { deckName, modelName: 'Long', fields: { F0: '{{c1::first}}', ...texts } };
        const id = await engine.call('addNote', { note });
        const used = await use(id);
        await engine.call('deleteNotes', { notes: [id] });
        return used;
      };
      const [long, short] = [textsOf(100_000), textsOf(12_500)];
      const times = await withNote(long, async (note) => {
        const all: [string, number][] = [];
        for (const [name, use] of Object.entries(uses))
          all.push([name, await cpuTime(() => use(note, long))]);
        return all;
      });
      // A quadratic scan of eight times the text takes 64 times as long.
      for (const [name, time] of times.filter(([, each]) => each > 300)) {
        const use = uses[name];
        const shortTime = use ? await withNote(short, (note) => cpuTime(() => use(note, short))) : 0;
        const repeated = use ? await withNote(long, (note) => cpuTime(() => use(note, long))) : 0;
        expect(
          Math.min(time, repeated) / Math.max(shortTime, 20),
          `${name}, ${group.map(([shape]) => shape).join('   ')}: ${time} ms`,
        ).toBeLessThan(25);
      }
    },
  );
});
