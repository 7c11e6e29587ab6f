import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Json } from '../../../../src/lib/json.ts';
import { startApi, type Api } from '../../../support/api.ts';
import { Assistant } from '../../../support/assistant.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { note } from '../../../support/countable-writes.ts';
import { expectIntact } from '../../../support/database-check.ts';

let temporary: ReturnType<typeof temporaryEngine>;
let api: Api;
let card: number;

beforeEach(async () => {
  temporary = temporaryEngine();
  api = await startApi(temporary.engine);
  await temporary.engine.call('addNote', { note: note('a') });
  [card = 0] = await temporary.engine.call('findCards', { query: '' });
});

afterEach(async () => {
  await api.close();
  await temporary.close();
});

type Column = 'id' | 'cid' | 'ease' | 'ivl' | 'lastIvl' | 'factor';

const review = (changed: Partial<Record<Column, number>> = {}): number[] => {
  const row = { id: 1, cid: card, ease: 3, ivl: 4, lastIvl: 1, factor: 2500, ...changed };
  return [row.id, row.cid, -1, row.ease, row.ivl, row.lastIvl, row.factor, 6157, 1];
};

/** Returns the error of the HTTP API, or null. */
async function insert(...reviews: Json[]): Promise<unknown> {
  const body: { error: unknown } = JSON.parse(
    await api.ask({ action: 'insertReviews', version: 6, params: { reviews } }),
  );
  return body.error;
}

const limits: readonly (readonly [Column, least: number, most: number])[] = [
  ['ease', 0, 255],
  ['ivl', -(2 ** 31), 2 ** 31 - 1],
  ['lastIvl', -(2 ** 31), 2 ** 31 - 1],
  ['factor', 0, 2 ** 32 - 1],
];

test.each(limits)(
  'insertReviews accepts %s from %i to %i and refuses the values next to them',
  async (column, least, most) => {
    const assistant = await Assistant.of(temporary.engine);
    for (const value of [least - 1, most + 1]) {
      const bad = review({ id: 2, [column]: value });
      const message = new RegExp(`${column}.* ${least} .* ${most}.* ${value} .*Nothing was inserted`);
      expect(await insert(review(), bad)).toMatch(message);
      const answer = await assistant.call('insertReviews', { reviews: [review(), bad] });
      expect(answer).toMatchObject({ isError: true, text: expect.stringContaining('out of the range') });
    }
    expect(await temporary.engine.call('getLatestReviewID', { deck: 'Default' })).toBe(0);

    expect(await insert(review({ id: 1, [column]: least }), review({ id: 2, [column]: most }))).toBeNull();
    const [log = []] = Object.values(await temporary.engine.call('getReviewsOfCards', { cards: [card] }));
    expect(log.map((row) => row[column === 'cid' ? 'id' : column])).toEqual([least, most]);
    // One unreadable row would make the check of the whole collection fail.
    await expectIntact(temporary.engine);
    await assistant.close();
  },
);

test.each([['id'], ['cid']] as const)(
  'insertReviews refuses a %s that JSON numbers cannot represent',
  async (column) => {
    const [id, cid] = column === 'id' ? ['9007199254740992', '1'] : ['1', '-9007199254740992'];
    const body = `{"action": "insertReviews", "version": 6, "params": {"reviews": [[${id}, ${cid}, -1, 3, 4, 1, 2500, 6157, 1]]}}`;
    expect(await api.ask(body)).toMatch(new RegExp(`${column}.*Nothing was inserted`));
    expect(await temporary.engine.call('getLatestReviewID', { deck: 'Default' })).toBe(0);
  },
);

test('insertReviews takes numbers as text, as the add-on does', async () => {
  const rows = [review({ id: 5 }).map(String), ['6', ` ${card}`, '-1', 3, '+4', '1', '2500', '6157', '1']];
  expect(await temporary.engine.request('insertReviews', { reviews: rows })).toBeNull();
  const [log] = Object.values(await temporary.engine.call('getReviewsOfCards', { cards: [card] }));
  expect(log?.map(({ id, ivl, factor }) => [id, ivl, factor])).toEqual([
    [5, 4, 2500],
    [6, 4, 2500],
  ]);
  await expectIntact(temporary.engine);
});

test.each(['1); drop table revlog; --', '1e3', '0x10', 'NULL', '', '1.5'])(
  'insertReviews refuses the text %j',
  async (text) => {
    const rows = [review({ id: 5 }), [text, ...review().slice(1)]];
    await expect(temporary.engine.request('insertReviews', { reviews: rows })).rejects.toThrow(
      'is not an integer',
    );
    expect(await temporary.engine.call('getLatestReviewID', { deck: 'Default' })).toBe(0);
  },
);
