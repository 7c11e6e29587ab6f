import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AnkiConnect } from '../../src/backends/desktop/client.ts';
import type { Backend } from '../../src/contract/backend.ts';
import { readConfig } from '../../src/cli/config.ts';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { Safeguard } from '../../src/tools/safeguards/safeguard.ts';
import { serveSettings } from '../../src/cli/serve-settings.ts';
import { chooseTools } from '../../src/tools/toolsets.ts';
import { startApi } from '../support/api.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';
import { desktop } from '../support/desktop.ts';
import { answersWith, fakeAnki } from '../support/fake-anki.ts';
import { leakIn, tools } from '../support/tool-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const closing: (() => unknown)[] = [];
let engine: Engine;
beforeEach(() => {
  const made = temporaryEngine({ importsAtOnce: true });
  closing.push(made.close);
  ({ engine } = made);
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const addNotes = async (deck: string, fronts: readonly string[]): Promise<number[]> => {
  await engine.call('createDeck', { deck });
  const note = (Front: string) => ({
    deckName: deck,
    modelName: 'Basic',
    fields: { Front, Back: 'b' },
    tags: ['t'],
  });
  return engine.call('addNotes', { notes: fronts.map(note) });
};

async function assistantOn(
  backend: Backend,
  ...rest: Parameters<typeof Assistant.of> extends [unknown, ...infer R] ? R : never
) {
  const assistant = await Assistant.of(backend, ...rest);
  closing.push(() => assistant.close());
  return assistant;
}

/** Wraps a call in nested batches. */
const within = (levels: number, child: unknown): unknown =>
  levels === 0 ? child : { action: 'multi', params: { actions: [within(levels - 1, child)] } };

const parsed = (text: string): unknown => JSON.parse(text);

/** Batches that try to run an action that is not offered. */
function smuggled(note: number): [what: string, actions: unknown][] {
  const params = { notes: [note] };
  const remove = { action: 'deleteNotes', params };
  const text = JSON.stringify(remove);
  const spellings = [
    'DeleteNotes',
    'DELETENOTES',
    'deletenotes',
    'deleteNotes ',
    ' deleteNotes',
    'deleteNotes\0',
    'delete\u200bNotes',
    '\ufeffdeleteNotes',
    'd\u0435leteNotes',
    'deleteNote\u017f',
    'notes.deleteNotes',
    'AnkiConnect.deleteNotes',
    'deleteNotes()',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'saveNotes',
    'study',
    '',
  ];
  const batches: [string, unknown][] = [
    ['as it is', [remove]],
    ...[1, 2, 5, 40].map((levels): [string, unknown] => [`${levels} batches deep`, [within(levels, remove)]]),
    ...spellings.map((action): [string, unknown] => [JSON.stringify(action), [{ action, params }]]),
    ['a list as the name', [{ action: ['deleteNotes'], params }]],
    ['an object as the name', [{ action: { toString: 'deleteNotes' }, params }]],
    ['another name next to it', [{ action: 'version', Action: 'deleteNotes', params }]],
    ['a batch in another action', [{ action: 'version', params: { actions: [remove] } }]],
    ['a batch next to the parameters', [{ action: 'multi', actions: [remove], params: { actions: [] } }]],
    ['a batch that is an object', { 0: remove, length: 1 }],
    ['a batch that is one action', remove],
    ['a batch that is a text', text],
    ['an action that is a text', [text]],
    ['an action that is a list', [[remove]]],
    [
      'an inner batch that is an object',
      [{ action: 'multi', params: { actions: { 0: remove, length: 1 } } }],
    ],
    ['an inner batch that is a text', [{ action: 'multi', params: { actions: `[${text}]` } }]],
    ['parameters that are a text', [{ action: 'deleteNotes', params: JSON.stringify(params) }]],
    ['parameters that are a list', [{ action: 'multi', params: [[remove]] }]],
    ['a version and a key', [{ ...remove, version: 4, key: 'x' }]],
    ['an odd version', [{ ...remove, version: { action: 'version' } }]],
    ['behind what is offered', [{ action: 'version' }, { action: 'deckNames' }, remove]],
    ['the prototype', [parsed(`{"action": "version", "__proto__": ${text}}`)]],
    ['nothing but the prototype', [parsed(`{"__proto__": ${text}}`)]],
    ['the constructor', [parsed(`{"action": "version", "constructor": {"prototype": ${text}}}`)]],
    [
      'the prototype of the parameters',
      [parsed(`{"action": "multi", "params": {"__proto__": {"actions": [${text}]}}}`)],
    ],
    [
      'the name twice',
      [parsed(`{"action": "version", "action": "deleteNotes", "params": {"notes": [${note}]}}`)],
    ],
    ['null', [null, remove]],
  ];
  return batches;
}

const pristine = () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  const plain: Record<string, unknown> = {};
  expect([plain['polluted'], Array.prototype.at.name]).toEqual([undefined, 'at']);
};

describe('Security', () => {
  test('a batch with actions that are not offered, on both backends: nothing is deleted', async ({
    task,
  }) => {
    const [note = 0] = await addNotes('Victim', ['a']);
    const far = await desktop(engine);
    closing.push(far.close);
    const all = tools.map(({ name }) => name);
    const sets = { all };
    const choices = [
      { tools: ['multi', 'deckNames', 'version'], readOnly: false },
      { exclude: ['deleteNotes', 'deleteDecks', 'saveNotes', 'study'], readOnly: false },
      { readOnly: true },
    ];
    let cases = 0;
    for (const backend of [engine, far.backend]) {
      for (const choice of choices) {
        const { offered, allowed } = chooseTools(tools, sets, choice);
        const assistant = await assistantOn(backend, { tools: offered, allowed });
        for (const [what, actions] of smuggled(note)) {
          for (const [name, args] of [
            ['multi', { actions }],
            ['runAction', { action: 'multi', params: { actions } }],
            ['runAction', { action: 'runAction', params: { action: 'multi', params: { actions } } }],
          ] as const) {
            const { isError, text } = await assistant.call(name, args);
            expect(isError, what).toBe(true);
            expect(leakIn(text), `${what}: ${text}`).toBeUndefined();
            cases++;
          }
        }
        for (const name of ['deleteNotes', 'DeleteNotes', 'multi ', '__proto__', 'constructor', 'toString']) {
          const params = { notes: [note] };
          expect((await assistant.call(name, params)).isError, name).toBe(true);
          const through = await assistant.call('runAction', { action: name, params });
          expect(through.isError, name).toBe(true);
          expect((await assistant.call('runAction', { action: name })).isError, name).toBe(true);
          cases += 3;
        }
      }
    }
    expect(await engine.call('findNotes', { query: '' })).toEqual([note]);
    expect(far.requests.filter(({ body }) => body.includes('deleteNotes'))).toEqual([]);
    task.meta.cases = cases;
  });

  test('a batch that avoids the confirmation: the user is asked once, and nothing changes if the user declines', async ({
    task,
  }) => {
    const notes = await addNotes('Victim', ['a', 'b']);
    const questions: string[] = [];
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      questions.push(params.message);
      return { action: 'decline' };
    });
    const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
    const assistant = await assistantOn(engine, { safeguard }, client);
    const remove = { action: 'deleteNotes', params: { notes } };
    const drop = { action: 'deleteDecks', params: { decks: ['Victim'], cardsToo: true } };
    const batches: [string, unknown[]][] = [
      ['alone', [remove]],
      ['40 batches deep', [within(40, remove)]],
      ['behind others', [{ action: 'version' }, within(2, drop), remove]],
      ['a thousand times', Array.from({ length: 1000 }, () => remove)],
      ['one note each', notes.map((note) => ({ action: 'deleteNotes', params: { notes: [note] } }))],
      ['with doubles', [{ action: 'deleteNotes', params: { notes: [...notes, ...notes] } }]],
      ['made first', [{ action: 'createDeck', params: { deck: 'Fresh' } }, drop]],
      ['100,000 times', Array.from({ length: 100_000 }, () => drop)],
    ];
    for (const [what, actions] of batches) {
      questions.length = 0;
      const { isError, text } = await assistant.call('multi', { actions });
      expect(isError, what).toBe(true);
      expect(text, what).toContain('nothing was changed');
      expect(questions, what).toHaveLength(1);
      expect(questions[0]?.length, what).toBeLessThan(1000);
    }
    expect(await engine.call('findNotes', { query: 'deck:Victim' })).toEqual(notes);
    expect(await engine.call('deckNames', {})).not.toContain('Fresh');
    task.meta.cases = batches.length;
  });

  test.each([1000, 10_000, 100_000])(
    'a batch that is nested very deeply or very long: %i levels',
    async (levels) => {
      const assistant = await assistantOn(engine);
      const api = await startApi(engine);
      closing.push(api.close);
      let nested: unknown = { action: 'version' };
      for (let level = 0; level < levels; level++)
        nested = { action: 'multi', params: { actions: [nested] } };
      const { isError, text } = await assistant.call('multi', { actions: [nested] });
      expect(isError).toBe(true);
      expect(text).toContain('nested too deeply');
      const body = `${'{"action": "multi", "params": {"actions": ['.repeat(levels)}${']}}'.repeat(levels)}`;
      expect(await api.ask(body)).toMatch(/^\{"result": null, "error": "maximum recursion depth exceeded/);
      const list = `{"action": "findNotes", "params": {"query": ${'['.repeat(levels)}${']'.repeat(levels)}}}`;
      expect(await api.ask(list)).toMatch(/^\{"result": null, "error": "maximum recursion depth exceeded/);
      expect((await assistant.call('version')).result).toBe(6);
    },
  );

  test('a batch that is nested very deeply or very long: 100,000 actions', async () => {
    const assistant = await assistantOn(engine);
    const actions = Array.from({ length: 100_000 }, () => ({ action: 'version' }));
    const { isError, text } = await assistant.call('multi', { actions });
    expect(isError).toBe(false);
    expect(text).toContain('"total":100000');
    expect(text.length).toBeLessThan(17_000);
  });

  test('JSON with members that could change the prototype of all objects: no effect (tools, HTTP API, desktop replies, settings)', async ({
    task,
  }) => {
    const polluting = [
      '{"__proto__": {"polluted": true}}',
      '{"constructor": {"prototype": {"polluted": true}}}',
      '{"__proto__": {"__proto__": {"polluted": true}}, "a": {"__proto__": {"polluted": true}}}',
      '[{"__proto__": {"polluted": true}}]',
    ];
    let cases = 0;
    const assistant = await assistantOn(engine);
    const api = await startApi(engine);
    closing.push(api.close);
    for (const text of polluting) {
      const value = parsed(text);
      for (const { name, inputSchema } of tools) {
        if (/exportPackage|[iI]mport/.test(name)) continue;
        const members = Object.keys(inputSchema.properties ?? {}).map((key) => [key, value]);
        for (const args of [value, Object.fromEntries(members)]) {
          if (Array.isArray(args)) continue;
          await assistant.call(name, { ...Object(args) });
          await api.ask({ action: name, version: 6, params: args });
          cases += 2;
        }
      }
      await api.ask(`{"action": "version", "params": {}, "__proto__": ${text}}`);
      await api.ask(
        `{"action": "multi", "params": {"actions": [{"action": "version", "__proto__": ${text}}]}}`,
      );
      pristine();
    }

    let answer = '';
    const anki = await fakeAnki(
      answersWith((body) => {
        const asked: { action: string; params: { actions?: unknown[] } } = JSON.parse(body);
        const reply = `{"result": ${answer}, "error": null, "__proto__": ${answer}}`;
        return asked.action === 'multi'
          ? `{"result": [${(asked.params.actions ?? []).map(() => reply).join()}], "error": null}`
          : reply;
      }),
    );
    closing.push(() => anki.close());
    const backend = new AnkiConnect({ url: anki.url });
    closing.push(() => backend.close());
    const far = await assistantOn(backend);
    for (answer of polluting) {
      for (const name of [
        'deckNamesAndIds',
        'getDeckStats',
        'notesInfo',
        'modelTemplates',
        'multi',
        'overview',
        'searchNotes',
        'guiCurrentCard',
        'getDecks',
        'saveNotes',
      ]) {
        const all = {
          decks: ['a'],
          query: 'a',
          modelName: 'a',
          cards: [1],
          notes: [],
          actions: [{ action: 'deckNames' }],
        };
        const wanted = Object.keys(tools.find((tool) => tool.name === name)?.inputSchema.properties ?? {});
        const args = Object.entries(all).filter(([key]) => wanted.includes(key));
        await far.call(name, Object.fromEntries(args));
        cases++;
      }
      pristine();
    }

    const folder = temporaryFolder();
    closing.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'config.json');
    for (const text of [
      ...polluting.slice(0, 3),
      '{"__proto__": {"webBindAddress": "0.0.0.0", "apiKey": "x"}}',
    ]) {
      writeFileSync(file, text);
      const settings = serveSettings(readConfig(['serve', '--collection', 'x', '--config', file], {}));
      expect([settings.host, settings.apiKey, settings.origins.allowed]).toEqual([
        '127.0.0.1',
        null,
        ['http://localhost'],
      ]);
      cases++;
    }
    const sets = { all: tools.map(({ name }) => name) };
    for (const name of ['__proto__', 'constructor', 'toString']) {
      for (const choice of [{ toolsets: [name] }, { tools: [name] }, { exclude: [name] }]) {
        expect(() => chooseTools(tools, sets, { ...choice, readOnly: false })).toThrow(/unknown tool/);
        cases++;
      }
    }
    pristine();
    task.meta.cases = cases;
  });

  test('decks, note types, fields, templates and tags with the names of inherited members: they work like other names', async ({
    task,
  }) => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const assistant = await assistantOn(engine);
    for (const name of names) {
      await engine.call('createDeck', { deck: name });
      await engine.call('createModel', {
        modelName: name,
        inOrderFields: [name, 'Other'],
        cardTemplates: [{ Name: name, Front: `{{${name}}}`, Back: 'back' }],
      });
      const note = { deckName: name, modelName: name, fields: parsed(`{"${name}": "text"}`), tags: [name] };
      await engine.call('addNotes', { notes: [JSON.parse(JSON.stringify(note))] });
    }
    const cards = await engine.call('findCards', { query: '' });
    const own = async (tool: string, args: Record<string, unknown>) =>
      Object.keys(Object((await assistant.call(tool, args)).result));
    expect(await own('deckNamesAndIds', {})).toEqual(expect.arrayContaining(names));
    expect(await own('modelNamesAndIds', {})).toEqual(expect.arrayContaining(names));
    expect((await own('getDecks', { cards })).toSorted()).toEqual(names.toSorted());
    for (const name of names) {
      const modelName = name;
      expect(await own('modelTemplates', { modelName })).toEqual([name]);
      expect(await own('modelFieldFonts', { modelName })).toEqual([name, 'Other']);
      expect(await own('modelFieldsOnTemplates', { modelName })).toEqual([name]);
      const [found] = await engine.call('notesInfo', { query: `"deck:${name}"` });
      expect(Object.keys(found?.fields ?? {})).toEqual([name, 'Other']);
      const [card] = await engine.call('cardsInfo', { cards: found?.cards ?? [] });
      expect(card?.question).toContain('text');
      for (const uri of [`anki://deck/${name}`, `anki://note-type/${name}`]) {
        expect(JSON.stringify(await assistant.client.readResource({ uri }))).toContain('text');
      }
    }
    // zod ignores a member __proto__, as Anki ignores unknown fields.
    for (const name of names.slice(1)) {
      const fields = { [name]: 'saved' };
      const saved = await assistant.call('saveNotes', {
        notes: [{ deckName: name, modelName: name, fields }],
      });
      expect(saved.text, name).toContain('"created":1');
      const found = await engine.call('notesInfo', { query: `"deck:${name}" saved` });
      expect(found.map((note) => new Map(Object.entries(note.fields ?? {})).get(name)?.value)).toEqual([
        'saved',
      ]);
    }
    pristine();
    task.meta.cases = names.length;
  });
});
