import { describe, expect, test } from 'vitest';
import { actionNames, actions, type ActionName } from '../../src/contract/index.ts';
import { isObject, type Json } from '../../src/lib/json.ts';
import { scenarios } from '../parity/scenario.ts';
import { StartedServer, type Answer } from '../support/started-server.ts';
import { seededRandom } from '../support/random.ts';
import { temporaryEngine } from '../support/collection.ts';
import { newer, oldAddOn } from '../support/old-addon.ts';
import { startServe } from '../support/served.ts';
import { expectIntact } from '../support/database-check.ts';

const note = (front: string) => ({
  deckName: 'Default',
  modelName: 'Basic',
  fields: { Front: front, Back: 'back' },
});

const tooOld = (name: string) =>
  new RegExp(
    `Anki has no action ${name} \\(unsupported action\\): the installed Anki-Connect is older than it\\. Update the add-on`,
  );

describe('Desktop', () => {
  test('Anki is killed (SIGKILL) during 20 writes: acknowledged writes are stored once, unknown ones at most once', async ({
    task,
  }) => {
    const { engine, folder, close } = temporaryEngine();
    const collection = `${folder}/collection.anki2`;
    const random = seededRandom(5);
    const rounds = 12;
    let anki = startServe('--collection', collection, '--port', '0');
    const url = await anki.url;
    const server = await StartedServer.start('--url', url);
    const outcomes = new Map<string, string>();
    for (let round = 0; round < rounds; round++) {
      await server.call('version');
      let left = random(16);
      const write = async (at: number): Promise<void> => {
        const front = `r${round}n${at}`;
        outcomes.set(front, await outcomeOf(server, front, at % 4 === 3));
        if (left-- === 0) anki.child.kill('SIGKILL');
      };
      await Promise.all(Array.from({ length: 20 }, (_, at) => write(at)));
      await anki.exit;
      anki = startServe('--collection', collection, '--port', new URL(url).port);
      await anki.url;
    }
    for (const [front, outcome] of outcomes) {
      const { result } = await server.call('findNotes', { query: `front:${front}` });
      const times = Array.isArray(result) ? result.length : -1;
      const allowed = { done: [1], unknown: [0, 1], 'not sent': [0] }[outcome];
      expect(allowed, `${front}: ${outcome}`).toContain(times);
    }
    const all = [...outcomes.values()];
    expect(all.filter((outcome) => outcome === 'done').length).toBeGreaterThan(rounds);
    expect(all.filter((outcome) => outcome === 'not sent').length).toBeGreaterThan(rounds);
    anki.child.kill();
    await anki.exit;
    await expectIntact(engine);
    await close();
    task.meta.cases = outcomes.size;
  });

  test('the add-on of 2023, without newer actions: every tool replies, and unavailable ones say what to do', async ({
    task,
  }) => {
    const lacks = [...newer, 'multi', 'apiReflect'];
    const { url } = await oldAddOn(...lacks);
    const server = await StartedServer.start('--url', url, '--backup', 'never');
    for (const name of actionNames) {
      const { isError, text } = await server.call(name, recorded(name));
      expect(text, name).not.toMatch(/^$|nothing was sent/);
      if (lacks.includes(name)) expect(text).toMatch(tooOld(name));
      else expect(text, name).not.toMatch(/Anki has no action/);
      expect(isError || !lacks.includes(name), name).toBe(true);
    }
    task.meta.cases = actionNames.length;
  });

  test.for([
    { variant: 'with multi', lacks: [], works: ['searchNotes', 'viewCards', 'study'] },
    {
      variant: 'without multi',
      lacks: ['multi', 'apiReflect'],
      works: ['searchNotes', 'viewCards', 'study'],
    },
  ])(
    'the add-on of 2023, without newer actions: workflows work or name the missing action ($variant)',
    async ({ lacks, works }, { task }) => {
      const { url } = await oldAddOn(...lacks);
      const server = await StartedServer.start('--url', url);
      const id = (await server.call('addNote', { note: note('hund') })).result;
      const target = { deckName: 'Default', modelName: 'Basic' };
      const attempts: [name: string, args: Record<string, unknown>, expected: RegExp][] = [
        ['overview', {}, tooOld('getActiveProfile')],
        ['searchNotes', { query: 'hund' }, /"fields":\{"Front":"hund","Back":"back"\}/],
        ['viewCards', { query: 'hund' }, /hund[^]*back/],
        ['saveNotes', { ...target, notes: [{ fields: { Front: 'katze' } }] }, tooOld('findModelsByName')],
        ['insights', {}, tooOld('findModelsByName')],
        ['study', { action: 'start', deck: 'Default' }, /"question":"hund"/],
        ['study', { action: 'reveal' }, /"answer":"back"/],
        ['study', { action: 'rate', rating: 3 }, /"rated":"3 Good"/],
      ];
      for (const [name, args, expected] of attempts) {
        const answer: Answer = await server.call(name, args);
        expect(answer.text, name).toMatch(expected);
        expect(answer.isError, name).toBe(!works.includes(name));
      }
      const saved = await server.call('saveNotes', { notes: [{ id, fields: { Back: 'dog' } }] });
      if (lacks.length > 0) expect(saved.text).toMatch(tooOld('multi'));
      else expect(saved.result).toMatchObject({ updated: 1 });
      expect((await server.call('findNotes', { query: '' })).result).toEqual([id]);
      task.meta.cases = attempts.length + 1;
    },
  );
});

/** Adds a note with addNote or saveNotes. Returns the outcome that the caller receives. */
async function outcomeOf(server: StartedServer, front: string, byWorkflow: boolean) {
  const { isError, text } = byWorkflow
    ? await server.call('saveNotes', { notes: [note(front)] })
    : await server.call('addNote', { note: note(front) });
  if (/"outcome":"unknown"|may or may not have been carried out/.test(text)) return 'unknown';
  if (/"outcome":"(created|unverified)"/.test(text) || !isError) return 'done';
  expect(text).toMatch(
    /Anki is not running|cannot be reached|closed the connection without|Nothing was changed: repeat the call|"outcome":"failed"/,
  );
  return 'not sent';
}

/** Returns recorded parameters of an action, with 1 for every id. */
function recorded(name: ActionName): Readonly<Record<string, Json | undefined>> {
  const steps = scenarios.flatMap((scenario) => scenario.steps).filter((step) => step.do.action === name);
  const parameters = steps.map(({ do: { params = {} } }): Json =>
    JSON.parse(JSON.stringify(params).replaceAll(/"\{\w+\}"/g, '1')),
  );
  const fitting = parameters.find((params) => actions[name].input.safeParse(params).success);
  if (isObject(fitting)) return fitting;
  return name === 'guiAddNoteSetData' ? { note: note('x') } : { cards: [1] };
}
