import { describe, expect, test } from 'vitest';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { bothBackends, resultOf, type Connection } from '../../support/both-backends.ts';
import { basic, card, engine, save, Watched } from '../../support/saving.ts';

/** Adds notes to German::Verbs and returns their cards. */
async function addCards(count: number): Promise<number[]> {
  const notes = Array.from({ length: count }, (_, at) => card(`word ${String(at).padStart(3, '0')}`));
  await save({ ...basic, notes });
  return (await engine.call('findCards', { query: 'deck:German::Verbs' })).toSorted((a, b) => a - b);
}

const find = (query: string) => engine.call('findCards', { query });

describe.each(bothBackends)('changeCards on %s', (_, connect) => {
  const run = async (args: object, { backend }: Connection) => resultOf('changeCards', args, backend);

  test('suspends, flags and moves what a search finds, with 4 requests on the desktop', async () => {
    const [first = 0] = await addCards(4);
    await engine.call('suspend', { cards: [first] });
    const anki = await connect();
    const args = { query: 'deck:German::Verbs', expect: 4, suspend: true, flag: 3, deck: 'German' };
    expect(await run({ ...args, dryRun: true }, anki)).toMatchObject({
      found: 4,
      changes: { suspend: { changed: 3, already: 1 }, flag: { changed: 4 }, deck: { changed: 4 } },
    });
    expect(await find('is:suspended')).toEqual([first]);
    const before = anki.requests();
    const result = await run(args, anki);
    expect(result).toMatchObject({
      found: 4,
      deck: 'German',
      changes: {
        deck: { changed: 4 },
        flag: { changed: 4 },
        suspend: { changed: 3, already: 1 },
      },
    });
    expect(result['samples']).toEqual(expect.arrayContaining([{ id: first, text: 'word 000' }]));
    if (before !== undefined) expect((anki.requests() ?? 0) - before).toBe(4);
    expect(await find('deck:German -deck:German::* is:suspended flag:3')).toHaveLength(4);
  });

  test('creates a missing deck and says so', async () => {
    await addCards(2);
    const result = await run({ query: 'deck:*', deck: 'New::Place' }, await connect());
    expect(result).toMatchObject({ deck: 'New::Place', deckIsNew: true, changes: { deck: { changed: 2 } } });
    expect(await find('"deck:New::Place"')).toHaveLength(2);
  });

  test('sets due dates, and reports suspended cards that become active', async () => {
    const [first = 0] = await addCards(3);
    await engine.call('suspend', { cards: [first] });
    const anki = await connect();
    expect(await run({ query: 'deck:*', due: '2-4' }, anki)).toMatchObject({
      changes: { due: { changed: 3 } },
      alsoUnsuspended: 1,
    });
    expect(await find('prop:due>=2 prop:due<=4')).toHaveLength(3);
    expect(await run({ query: 'deck:*', due: '0', suspend: true }, anki)).toMatchObject({
      changes: { due: { changed: 3 }, suspend: { changed: 3 } },
    });
    expect(await find('is:suspended')).toHaveLength(3);
    expect(await run({ query: 'deck:*', forget: true }, anki)).toMatchObject({
      changes: { forget: { changed: 3 } },
      alsoUnsuspended: 3,
    });
    expect(await find('is:new -is:suspended')).toHaveLength(3);
  });

  test('counts as suspended or unsuspended only cards that were not', async () => {
    const [first = 0] = await addCards(3);
    await engine.call('suspend', { cards: [first] });
    const anki = await connect();
    const unsuspend = { query: 'deck:*', forget: true, suspend: false };
    const unsuspended = { changes: { suspend: { changed: 1, already: 2 } } };
    expect(await run({ ...unsuspend, dryRun: true }, anki)).toMatchObject(unsuspended);
    expect(await run(unsuspend, anki)).toMatchObject(unsuspended);
    await engine.call('suspend', { cards: [first] });
    expect(await run({ query: 'deck:*', due: '3', suspend: true }, anki)).toMatchObject({
      changes: { due: { changed: 3 }, suspend: { changed: 2, already: 1 } },
    });
    await engine.call('unsuspend', { cards: await find('deck:*') });
    expect(await find('prop:due=3')).toHaveLength(3);
  });

  test('repositions new cards in the order of a list, or in their present order', async () => {
    const [a = 0, b = 0, c = 0] = await addCards(3);
    await engine.call('setDueDate', { cards: [b], days: '1' });
    const anki = await connect();
    expect(await run({ cards: [c, b, a], position: 70 }, anki)).toMatchObject({
      changes: { position: { changed: 2, notNew: 1 } },
    });
    expect(await find('prop:pos=70')).toEqual([c]);
    expect(await find('prop:pos=71')).toEqual([a]);
    await run({ query: 'deck:*', position: 5 }, anki);
    expect(await find('prop:pos=5')).toEqual([c]);
    expect(await find('prop:pos=6')).toEqual([a]);
  });

  test('refuses in words what Anki cannot do, and changes nothing', async () => {
    const cards = await addCards(2);
    const anki = await connect();
    const refused: [object, RegExp][] = [
      [{ query: 'deck:*', bury: true }, /cannot bury.*suspend.*Toggle Bury/],
      [{ query: 'deck:*' }, /at least one of suspend/],
      [{ suspend: true }, /pass query or cards/],
      [{ query: 'deck:*', cards, suspend: true }, /pass query or cards/],
      [{ query: '', suspend: true }, /pass query or cards/],
      [{ query: 'deck:*', suspend: true, expect: 3 }, /finds 2 cards, not 3/],
      [{ query: 'deck:*', forget: true, due: '1' }, /separate calls/],
      [{ query: 'deck:', suspend: true, flag: 8 }, /flag/],
      [{ query: '(', suspend: true }, /search syntax/],
    ];
    for (const [args, message] of refused) await expect(run(args, anki)).rejects.toThrow(message);
    expect(await find('is:suspended')).toEqual([]);
  });

  test('counts ids that do not exist, and finds nothing without a write', async () => {
    const [first = 0] = await addCards(1);
    const anki = await connect();
    expect(await run({ cards: [first, 12], suspend: true }, anki)).toMatchObject({ found: 1, missing: 1 });
    expect(await run({ query: 'tag:none2', suspend: true }, anki)).toMatchObject({
      found: 0,
      changes: { suspend: { changed: 0 } },
    });
  });
});

test('changeCards is one undo step', async () => {
  await addCards(3);
  await resultOf('changeCards', { query: 'deck:*', flag: 2, deck: 'Other', suspend: true });
  await engine.call('guiUndo', {});
  expect(await find('deck:German::Verbs -is:suspended flag:0')).toHaveLength(3);
  expect(await engine.call('deckNames', {})).not.toContain('Other');
});

test('changeCards asks before it moves many cards, and a declined question changes nothing', async () => {
  await addCards(101);
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return false;
  };
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  const args = { query: 'deck:*', flag: 1, deck: 'Other' };
  await expect(resultOf('changeCards', args, engine, { safeguard, ask })).rejects.toThrow('declined');
  expect(questions).toHaveLength(1);
  expect(await find('flag:1')).toEqual([]);
  expect(await engine.call('deckNames', {})).not.toContain('Other');
});

test('changeCards counts a card that Anki did not change as failed', async () => {
  const [first = 0] = await addCards(2);
  const stubborn = new Watched(engine, async (name, params, sent) => {
    const text = JSON.stringify(params);
    if (!text.includes('setSpecificValueOfCard')) return sent();
    const changed = JSON.parse(
      text.replace(
        `{"card":${first},"keys":["flags"],"newValues":[4]}`,
        '{"card":1,"keys":["flags"],"newValues":[4]}',
      ),
    );
    return engine.request(name, changed);
  });
  expect(await resultOf('changeCards', { query: 'deck:*', flag: 4 }, stubborn)).toMatchObject({
    changes: { flag: { changed: 1, failed: 1 } },
    errors: [expect.stringContaining('setSpecificValueOfCard')],
  });
});

test('changeCards flags and reads 1,200 cards in requests of limited length', async () => {
  for (let round = 0; round < 3; round++) {
    await save({ ...basic, notes: Array.from({ length: 400 }, (_, at) => card(`${round} ${at}`)) });
  }
  const watched = new Watched(engine);
  const result = await resultOf('changeCards', { query: 'deck:*', flag: 5 }, watched);
  expect(result).toMatchObject({ found: 1200, changes: { flag: { changed: 1200 } } });
  const writes = watched.requests.filter((request) => request.includes('setSpecificValueOfCard'));
  expect(writes).toHaveLength(3);
  expect(JSON.stringify(result).length).toBeLessThan(2000);
});
