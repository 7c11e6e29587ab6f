import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { reads } from '../../../src/contract/action.ts';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { isList, isObject, type Json } from '../../../src/lib/json.ts';
import { manifest } from '../../../src/tools/manifest.ts';
import { workflow, type Workflow } from '../../../src/tools/workflow.ts';
import * as exported from '../../../src/tools/workflows/index.ts';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Assistant } from '../../support/assistant.ts';
import { temporaryEngine } from '../../support/collection.ts';

const workflows: Readonly<Record<string, Workflow>> = exported;
const validator = new AjvJsonSchemaValidator();
const basic = { deckName: 'Default', modelName: 'Basic' };
const note = (Front: string) => ({ fields: { Front, Back: 'b' } });

let engine: Engine;
let assistant: Assistant;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  assistant = await Assistant.of(engine, { tools: manifest() });
});

afterEach(async () => {
  await assistant.close();
  await close();
});

/** Calls that together return every field of a workflow's output. */
const calls: Readonly<Record<string, () => Promise<Json[]>>> = {
  async overview() {
    await engine.call('addNote', { note: { ...basic, ...note('a'), tags: ['t'] } });
    return [await result('overview')];
  },
  async searchNotes() {
    await engine.call('addNote', { note: { ...basic, ...note('a'), tags: ['t'] } });
    return [
      await result('searchNotes', { query: '', cards: true }),
      await result('searchNotes', { query: 'missing' }),
    ];
  },
  async saveNotes() {
    const id = await engine.call('addNote', { note: { ...basic, ...note('a') } });
    const notes = [note('a'), note('new'), note(''), { id, fields: { Back: 'c' } }];
    const many = Array.from({ length: 300 }, (_, at) => note(`${at % 299}`));
    return [
      await result('saveNotes', { ...basic, notes, dryRun: true }),
      await result('saveNotes', { ...basic, notes }),
      await result('saveNotes', { ...basic, notes: many }),
      await result('saveNotes', { notes: [{ id, fields: { Back: 'c' } }] }),
      await result('saveNotes', { ...basic, notes: [note('suspended')], suspend: true }),
    ];
  },
  async exportNotes() {
    await engine.call('addNote', { note: { ...basic, ...note('a') } });
    return [
      await result('exportNotes', { query: '' }),
      await result('exportNotes', { query: '', path: join(temporaryFolder(), 'a.csv') }),
    ];
  },
  async importNotes() {
    const columns = { F: 'media:Back' };
    const text = 'Front,Back,F\na,b,c.mp3\na,b,\n,b,\n';
    return [
      await result('importNotes', { ...basic, text: 'a,b\n' }),
      await result('importNotes', { ...basic, text, columns, dryRun: true }),
      await result('importNotes', { ...basic, text, columns }),
      await result('importNotes', { ...basic, text }),
      await result('importNotes', { ...basic, text: 'Front,Back\na,d\n', onDuplicate: 'update' }),
      await result('importNotes', { ...basic, text: 'Front,Back\na,d\n', onDuplicate: 'update' }),
    ];
  },
  async study() {
    for (const text of ['a', 'b']) await engine.call('addNote', { note: { ...basic, ...note(text) } });
    const start = await result('study', { action: 'start', deck: 'Default' });
    const known = await result('study', { action: 'rate', ratings: [{ card: 1, rating: 3 }] });
    const reveal = await result('study', { action: 'reveal' });
    await engine.call('guiAnswerCard', { ease: 4 });
    const changed = await result('study', { action: 'rate', rating: 3 });
    await result('study', { action: 'reveal' });
    const done = await result('study', { action: 'rate', rating: 4 });
    return [start, known, reveal, changed, done];
  },
  async changeCards() {
    for (const text of ['a', 'b']) await engine.call('addNote', { note: { ...basic, ...note(text) } });
    const cards = await engine.call('findCards', { query: '' });
    await engine.call('suspend', { cards: cards.slice(0, 1) });
    return [
      await result('changeCards', { query: 'deck:*', suspend: true, dryRun: true }),
      await result('changeCards', { cards: [...cards, 1], deck: 'New' }),
    ];
  },
  async findReplace() {
    for (const text of ['a', 'b']) await engine.call('addNote', { note: { ...basic, ...note(text) } });
    return [
      await result('findReplace', { query: 'deck:*', find: 'a', replace: '' }),
      await result('findReplace', { query: 'deck:*', find: 'b', replace: 'c' }),
    ];
  },
  async fsrs() {
    await engine.call('addNote', { note: { ...basic, ...note('a') } });
    return [
      await result('fsrs'),
      await result('fsrs', { action: 'optimize' }),
      await result('fsrs', { action: 'set', deck: 'Default', on: true }),
      await result('fsrs', { action: 'simulate', deck: 'Default', days: 10, scenarios: [{ newPerDay: 1 }] }),
    ];
  },
  async occludeImage() {
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const shapes = [{ shape: 'rect', at: [0, 0, 50, 50] }];
    return [await result('occludeImage', { deck: 'Default', picture: `data:;base64,${png}`, shapes })];
  },
  async filteredDeck() {
    await engine.call('addNote', { note: { ...basic, ...note('a') } });
    return [
      await result('filteredDeck', { action: 'create', preset: 'new' }),
      await result('filteredDeck'),
      await result('filteredDeck', { action: 'rebuild', deck: 'New cards' }),
      await result('filteredDeck', { action: 'empty', deck: 'New cards' }),
      await result('filteredDeck', { action: 'delete', deck: 'New cards' }),
    ];
  },
  async decks() {
    await engine.call('createDeck', { deck: 'A' });
    await engine.call('createDeck', { deck: 'B' });
    return [
      await result('decks', { action: 'rename', deck: 'A', to: 'C' }),
      await result('decks', { action: 'today', deck: 'C', new: 1 }),
      await result('decks', { action: 'preset', deck: 'C', to: 'Default' }),
      await result('decks', { action: 'merge', deck: 'C', to: 'B' }),
    ];
  },
  async undo() {
    await engine.call('createDeck', { deck: 'A' });
    return [
      await result('undo'),
      await result('undo', { action: 'undo' }),
      await result('undo', { action: 'redo' }),
    ];
  },
  async trial() {
    const tried = await result('trial', { calls: [{ tool: 'createDeck', args: { deck: 'A' } }] });
    return [tried, await result('trial', { commit: isObject(tried) ? tried['token'] : undefined })];
  },
  async deckOptions() {
    return [
      await result('deckOptions', { deck: 'Default' }),
      await result('deckOptions', { deck: 'Default', set: { 'new.perDay': 5 } }),
    ];
  },
  async editTags() {
    await engine.call('addNote', { note: { ...basic, ...note('a'), tags: ['t'] } });
    const notes = await engine.call('findNotes', { query: '' });
    return [
      await result('editTags', { notes: [...notes, 1], add: ['x', 't'], remove: ['t2'], dryRun: true }),
      await result('editTags', { rename: { new: ['t'] } }),
    ];
  },
  async insights() {
    for (const text of ['a', 'a', 'b', 'b']) {
      await engine.call('addNote', {
        note: { ...basic, ...note(text), options: { allowDuplicate: true } },
      });
    }
    const small = await Assistant.of(engine, { tools: manifest(), maxResult: 500 });
    const cut = await small.call('insights');
    await small.close();
    const slow = await result('insights', { sections: ['nearDuplicates', 'database'] });
    return [await result('insights', { deck: 'default' }), slow, cut.result ?? null];
  },
};

async function result(name: string, args: object = {}): Promise<Json> {
  const { isError, text, result: found = null } = await assistant.call(name, { ...args });
  expect(isError, text).toBe(false);
  return found;
}

const fieldsOf = (value: Json | undefined): string[] => {
  if (typeof value === 'object' && value !== null && isList(value)) return value.flatMap(fieldsOf);
  return isObject(value) ? Object.keys(value) : [];
};

const declaredFields = (schema: z.ZodType): string[] => {
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject)
    return declaredFields(schema.element);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
};

test.each(Object.entries(calls))('results of %s match its advertised schema', async (name, run) => {
  const output = workflows[name]?.output ?? z.never();
  const results = await run();
  const { tools } = await assistant.client.listTools();
  const { properties = {}, required = [] } = tools.find((tool) => tool.name === name)?.outputSchema ?? {};
  const validate = validator.getValidator({ type: 'object', properties, required });
  expect(validate({}).valid).toBe(false);
  for (const found of results) {
    expect(validate({ result: found }).errorMessage).toBeUndefined();
    expect(output.safeParse(found).error).toBeUndefined();
  }
  expect(results.flatMap(fieldsOf)).toEqual(expect.arrayContaining(declaredFields(output)));
});

/** Compiles only while the result does not match the schema: `tsc` reports an unused expectation. */
export const refusedByTheCompiler = workflow({
  title: '',
  description: '',
  annotations: reads,
  input: z.strictObject({}),
  output: z.looseObject({ count: z.int() }),
  // @ts-expect-error -- the count is a number
  run: async () => ({ result: { count: '1' } }),
});
