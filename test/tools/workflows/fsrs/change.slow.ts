import { copyFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import type { Host } from '../../../../src/backends/engine/process/host.ts';
import { resultOf } from '../../../support/both-backends.ts';
import { guardedServer } from '../../../support/guarded-server.ts';
import { collectionWithHistory, engineOn, turnOn, withHost } from '../../../support/review-history.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A collection with FSRS on. */
let original: string;
beforeAll(async () => {
  original = await collectionWithHistory({ reviewed: 300, unseen: 5 });
  await withHost(original, (host) => turnOn(host));
});

function copied(path = original): string {
  const copy = join(temporaryFolder(), 'collection.anki2');
  copyFileSync(path, copy);
  return copy;
}

interface Opened {
  readonly engine: Engine;
  readonly path: string;
  readonly fsrs: (args: object) => ReturnType<typeof resultOf>;
}

function opened(path = copied()): Opened {
  const engine = engineOn(path);
  onTestFinished(() => engine.close());
  return { engine, path, fsrs: (args) => resultOf('fsrs', { deck: 'Default', ...args }, engine) };
}

const formOf = (host: Host) => host.call('get_deck_configs_for_update', { did: 1n });
const parameters = ({ allConfig }: Awaited<ReturnType<typeof formOf>>) =>
  allConfig.map(({ config }) => config?.config?.fsrsParams6);

test('an optimized preset equals what the desktop computes, and everything else in the deck options stays', async () => {
  const desktop = copied();
  const expected = await withHost(desktop, async (host) => {
    const form = await formOf(host);
    await host.call('update_deck_configs', {
      ...form,
      targetDeckId: 1n,
      configs: form.allConfig.flatMap(({ config }) => config ?? []),
      limits: form.currentDeck?.limits,
      removedConfigIds: [],
      mode: 2, // optimizes all presets, as the desktop's button does
      fsrsReschedule: false,
    });
    const states = await host.query('select id, data from cards');
    return { parameters: parameters(await formOf(host)), states };
  });

  const { engine, path, fsrs } = opened();
  const dry = await fsrs({ action: 'optimize' });
  expect(dry['outcome']).toMatch(/Nothing was changed/);
  expect(dry['presets']).toMatchObject([
    { name: 'Default', parameters: 'defaults', newParameters: expect.anything() },
  ]);
  const { presets, effect } = await fsrs({ action: 'optimize', apply: true });
  expect(presets).toEqual(dry['presets']);
  expect(effect).toMatchObject({ moved: 0, memoryStates: [300, 300], reviewLogRows: 0 });
  const undo = await engine.operate('undoStatus', {});
  expect(undo.undo).toBe('Change FSRS');
  const again = await fsrs({ action: 'optimize' });
  expect(again['outcome']).toBe('There is nothing to change.');
  await engine.close();

  await withHost(path, async (host) => {
    const form = await formOf(host);
    expect(parameters(form)).toEqual(expected.parameters);
    expect(await host.query('select id, data from cards')).toEqual(expected.states);
    expect(form).toMatchObject({
      fsrs: true,
      cardStateCustomizer: '// mine',
      newCardsIgnoreReviewLimit: true,
      applyAllParentLimits: true,
    });
  });
});

test('optimize returns the error before and after as the engine evaluates it', async () => {
  const { fsrs } = opened();
  const { presets } = await fsrs({ action: 'optimize' });
  const { before } = await withHost(copied(), async (host) => ({
    before: await host.call('evaluate_params_legacy', {
      params: [],
      search: 'deck:Default -is:suspended',
      ignoreRevlogsBeforeMs: 0n,
    }),
  }));
  expect(presets).toMatchObject([
    { error: { before: { logLoss: expect.closeTo(before.logLoss, 4) }, after: expect.anything() } },
  ]);
});

test('optimize says that there are too few reviews', async () => {
  const { fsrs } = opened(await collectionWithHistory({ reviewed: 1, unseen: 3 }));
  const { presets, outcome } = await fsrs({ action: 'optimize', apply: true });
  expect(presets).toMatchObject([{ reviews: 6, outcome: expect.stringMatching(/too few reviews/) }]);
  expect(outcome).toBe('There is nothing to change.');
});

test('set changes the retention of a preset; rescheduling is told in advance, and one undo takes it back', async () => {
  const { engine, fsrs } = opened();
  const change = { action: 'set', retention: 0.95, reschedule: true };
  const dry = await fsrs(change);
  expect(dry['outcome']).toMatch(/Nothing was changed. apply: true does it/);
  expect((await fsrs({ action: 'state' }))['presets']).toMatchObject([{ desiredRetention: 0.9 }]);
  const { changed, effect } = await fsrs({ ...change, apply: true });
  expect(changed).toEqual({ retention: [0.9, 0.95] });
  expect(effect).toEqual(dry['effect']);
  const rescheduled = await engine.call('findCards', { query: 'resched:1' });
  expect(effect).toMatchObject({ reviewLogRows: rescheduled.length });
  expect(rescheduled.length).toBeGreaterThan(200);
  await engine.operate('undo', { steps: 1 });
  expect((await fsrs({ action: 'state' }))['presets']).toMatchObject([{ desiredRetention: 0.9 }]);
  expect(await engine.call('findCards', { query: 'resched:1' })).toEqual([]);
});

test('set changes the retention of one deck, and turns FSRS off and on', async () => {
  const { fsrs } = opened();
  const one = await fsrs({ action: 'set', retention: 0.8, onlyDeck: true, apply: true });
  expect(one['effect']).toMatchObject({ moved: 0, reviewLogRows: 0 });
  expect(await fsrs({ action: 'state' })).toMatchObject({
    presets: [{ desiredRetention: 0.9 }],
    retentionOfDeck: 0.8,
  });
  const off = await fsrs({ action: 'set', on: false, apply: true });
  expect(off['effect']).toMatchObject({ memoryStates: [300, 0] });
  const on = await fsrs({ action: 'set', on: true, apply: true });
  expect(on['effect']).toMatchObject({ memoryStates: [0, 300] });
  expect((await fsrs({ action: 'set', on: true, apply: true }))['outcome']).toBe(
    'There is nothing to change.',
  );
});

test.each([
  [{ action: 'set' }, /set needs on \(true or false\) or retention/],
  [{ action: 'set', retention: 90 }, /retention must be from 0.7 to 0.99, not 90/],
  [{ action: 'set', on: false, reschedule: true }, /reschedule needs FSRS/],
])('%j is refused with a sentence that says what to do', async (args, message) => {
  const { fsrs } = opened();
  await expect(fsrs(args)).rejects.toThrow(message);
});

test('apply asks the user before, and makes a backup; a refusal changes nothing', async () => {
  let reply: 'accept' | 'decline' = 'decline';
  const path = copied();
  const { assistant, questions } = await guardedServer(
    async () => reply,
    { backup: 'auto' },
    undefined,
    undefined,
    { collection: path },
  );
  const change = { action: 'set', deck: 'Default', retention: 0.95, reschedule: true, apply: true };
  const refused = await assistant.call('fsrs', change);
  expect(refused.isError).toBe(true);
  expect(questions[0]).toMatch(/Set the desired retention to 0.95, move 299 due dates, for 305 cards/);
  expect((await assistant.call('fsrs', { action: 'state' })).text).toContain('"desiredRetention":0.9,');
  reply = 'accept';
  const { isError, text } = await assistant.call('fsrs', change);
  expect(isError, text).toBe(false);
  expect((await assistant.call('fsrs', { action: 'state' })).text).toContain('"desiredRetention":0.95');
  expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.ankiwright-backups'))).toHaveLength(1);
});

test('a preset is optimized whatever its name is, unless no search can contain it', async () => {
  const { engine, fsrs } = opened();
  const config = await engine.call('getDeckConfig', { deck: 'Default' });
  if (config === false) throw new Error('no preset');
  for (const name of ['a *_:(x', 're:x', 'Ünï-']) {
    await engine.call('saveDeckConfig', { config: { ...config, name } });
    const { presets } = await fsrs({ action: 'optimize' });
    expect(presets).toMatchObject([{ name, newParameters: expect.anything() }]);
  }
  await engine.call('saveDeckConfig', { config: { ...config, name: 'a"b' } });
  await expect(fsrs({ action: 'optimize' })).rejects.toThrow(/quotation mark or a backslash. Rename it/);
});

test('a preset that cannot be optimized does not prevent the others', async () => {
  const { engine, fsrs } = opened();
  await engine.call('createDeck', { deck: 'Other' });
  const id = await engine.call('cloneDeckConfigId', { name: 'a"b', cloneFrom: 1 });
  if (typeof id !== 'number') throw new Error('no preset');
  await engine.call('setDeckConfigId', { decks: ['Other'], configId: id });
  const { presets } = await fsrs({ action: 'optimize', apply: true, deck: undefined });
  expect(presets).toMatchObject([
    { name: 'Default', newParameters: expect.anything() },
    { name: 'a"b', decks: 1, outcome: expect.stringMatching(/quotation mark or a backslash. Rename it/) },
  ]);
  const state = await engine.operate('fsrsState', { deckId: 1 });
  expect(state.presets.map(({ parameters: values }) => values.length)).toEqual([21, 0]);
});

test('optimize can be cancelled, and nothing is changed', async () => {
  const { engine } = opened();
  const cancelled = new AbortController();
  const work = resultOf('fsrs', { action: 'optimize', deck: 'Default', apply: true }, engine, {
    signal: cancelled.signal,
    progress: () => cancelled.abort(),
  });
  await expect(work).rejects.toThrow();
  expect(await engine.operate('fsrsState', { deckId: 1 })).toMatchObject({ presets: [{ parameters: [] }] });
});
