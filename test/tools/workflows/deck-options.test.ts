import { describe, expect, test } from 'vitest';
import { bothBackends, resultOf, type Connection } from '../../support/both-backends.ts';
import { engine } from '../../support/saving.ts';

const configOf = (deck: string) => engine.call('getDeckConfig', { deck });

describe.each(bothBackends)('deckOptions on %s', (_, connect) => {
  const run = (args: object, { backend }: Connection) => resultOf('deckOptions', args, backend);

  test('copies a shared preset before it changes the passed options, with 7 requests on the desktop', async () => {
    const anki = await connect();
    const args = {
      deck: 'german::verbs',
      set: { 'new.perDay': 5, 'lapse.delays': [1, 10.5], autoplay: true },
    };
    const expected = {
      preset: 'German::Verbs',
      copiedFrom: 'Default',
      decks: ['German::Verbs'],
      changed: { 'new.perDay': [20, 5], 'lapse.delays': [[10], [1, 10.5]] },
    };
    expect(await run({ ...args, dryRun: true }, anki)).toMatchObject(expected);
    expect(await configOf('German::Verbs')).toMatchObject({ id: 1, new: { perDay: 20 } });
    const before = anki.requests();
    const result = await run(args, anki);
    if (before !== undefined) expect((anki.requests() ?? 0) - before).toBe(7);
    expect(result).toMatchObject(expected);
    expect(await configOf('German::Verbs')).toMatchObject({ new: { perDay: 5 }, name: 'German::Verbs' });
    expect(await configOf('German')).toMatchObject({ id: 1, new: { perDay: 20 } });
    const again = anki.requests();
    expect(await run({ ...args, set: { 'rev.perDay': 50 } }, anki)).toMatchObject({
      decks: ['German::Verbs'],
    });
    if (again !== undefined) expect((anki.requests() ?? 0) - again).toBe(5);
    const decks: unknown = expect.arrayContaining([
      expect.objectContaining({ name: 'German::Verbs', preset: 'German::Verbs' }),
      expect.objectContaining({ name: 'German', preset: 'Default' }),
    ]);
    expect(await resultOf('overview', {}, anki.backend)).toMatchObject({ decks });
  });

  test('changes a shared preset for all its decks if shared is true', async () => {
    const anki = await connect();
    expect(await run({ deck: 'German', shared: true, set: { 'new.perDay': '7' } }, anki)).toMatchObject({
      preset: 'Default',
      decks: expect.arrayContaining(['Default', 'German', 'German::Verbs']),
      changed: { 'new.perDay': [20, 7] },
    });
    expect(await run({ deck: 'Default' }, anki)).toMatchObject({ options: { 'new.perDay': 7, timer: 0 } });
  });

  test('keeps the old value where Anki accepts the type but not the value, and says so', async () => {
    const anki = await connect();
    await run({ deck: 'German', shared: true, set: { 'new.perDay': 33 } }, anki);
    const set = { 'new.perDay': 100_000, 'rev.perDay': 44 };
    const result = await run({ deck: 'German', shared: true, set }, anki);
    expect(result).toMatchObject({
      changed: { 'rev.perDay': [200, 44] },
      refused: { 'new.perDay': 100_000 },
    });
    expect(result['changed']).not.toHaveProperty(['new.perDay']);
    expect(await configOf('German')).toMatchObject({ new: { perDay: 33 }, rev: { perDay: 44 } });
  });

  test('refuses unknown options, wrong types and unknown decks, and changes nothing', async () => {
    const anki = await connect();
    const before = await configOf('German');
    const refused: [object, RegExp][] = [
      [{ deck: 'German', set: { 'new.perday': 5 } }, /Did you mean "new.perDay"/],
      [{ deck: 'German', set: { id: 5 } }, /no option "id"/],
      [{ deck: 'German', set: { '__proto__.x': 5, 'constructor.x': 1 } }, /no option/],
      [{ deck: 'German', set: { 'new.perDay': 5.5 } }, /an? integer of at least 0, not 5.5/],
      [{ deck: 'German', set: { 'new.perDay': -1 } }, /at least 0/],
      [{ deck: 'German', set: { 'new.perDay': true } }, /integer/],
      [{ deck: 'German', set: { 'new.delays': 5 } }, /a list/],
      [{ deck: 'German', set: { autoplay: 1 } }, /boolean/],
      [{ deck: 'Germany' }, /Did you mean "German"/],
    ];
    for (const [args, message] of refused) await expect(run(args, anki)).rejects.toThrow(message);
    expect(await configOf('German')).toEqual(before);
  });
});

test('deckOptions says how to restore the old options, because Anki cannot undo the change', async () => {
  const run = (set: object) => resultOf('deckOptions', { deck: 'German', shared: true, set });
  expect(await run({ 'new.perDay': 5 })).toMatchObject({
    changed: { 'new.perDay': [20, 5] },
    undo: expect.stringContaining('set the old values'),
  });
  expect(await run({ 'new.perDay': 20 })).toMatchObject({ changed: { 'new.perDay': [5, 20] } });
  expect(await configOf('German')).toMatchObject({ new: { perDay: 20 } });
});
