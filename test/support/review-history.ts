import { join } from 'node:path';
import { Engine } from '../../src/backends/engine/engine.ts';
import { Host } from '../../src/backends/engine/process/host.ts';
import { install } from '../../src/backends/engine/process/install.ts';
import { placeOf } from '../../src/backends/engine/session/collection.ts';
import { openCollection } from '../../src/backends/engine/session/opening.ts';
import { seededRandom } from './random.ts';
import { temporaryFolder } from './temporary-folder.ts';

const daySeconds = 86_400;
/** Age of the collection in days. */
const age = 400;
/** Rows of one SQL statement. */
const rowsPerInsert = 500;

type Row = readonly (number | string)[];

interface Review {
  readonly day: number;
  readonly ease: number;
  readonly interval: number;
  readonly lastInterval: number;
  readonly kind: number;
}

/** Returns reviews at growing intervals, about 9 of 10 with the ease Good, from a day on until the next one is after today. */
function reviewsFrom(start: number, random: (below: number) => number): Review[] {
  const reviews: Review[] = [{ day: start, ease: 3, interval: 2, lastInterval: 0, kind: 0 }];
  let strength = 2 + random(2);
  for (let day = start + strength; day < age; day += strength) {
    const passed = random(100) < 90;
    const lastInterval = strength;
    strength = passed ? Math.round(strength * 2.2 + random(3)) : Math.max(1, Math.round(strength * 0.4));
    reviews.push({ day, ease: passed ? 3 : 1, interval: strength, lastInterval, kind: 1 });
  }
  return reviews;
}

export interface History {
  readonly reviewed: number;
  readonly unseen: number;
}

/**
 * Makes a collection whose Default deck has Basic cards with a review history, the same in every run apart from today's
 * date, and new cards. Returns its path.
 */
export async function collectionWithHistory({ reviewed, unseen }: History): Promise<string> {
  const path = join(temporaryFolder(), 'collection.anki2');
  await withHost(path, (host) => addHistory(host, reviewed, unseen));
  return path;
}

async function addHistory(host: Host, reviewed: number, unseen: number): Promise<void> {
  const [[created = 0] = []] = await host.query('select crt from col');
  const [[noteType = 0] = []] = await host.query("select id from notetypes where name = 'Basic'");
  const begin = Number(created) - age * daySeconds;
  const random = seededRandom(1);
  const notes: Row[] = [];
  const cards: Row[] = [];
  const reviews: Row[] = [];
  for (let index = 1; index <= reviewed + unseen; index++) {
    const card = begin * 1000 + index;
    notes.push([
      card,
      `g${index}`,
      Number(noteType),
      begin,
      0,
      '',
      `front ${index}\u001fback`,
      `front ${index}`,
      index,
      0,
      '',
    ]);
    const history = index <= reviewed ? reviewsFrom(random(age - 10), random) : [];
    const last = history.at(-1);
    const [type, due, interval] = last ? [2, last.day + last.interval, last.interval] : [0, index, 0];
    const lapses = history.filter(({ ease }) => ease === 1).length;
    cards.push([
      card,
      card,
      1,
      0,
      begin,
      0,
      type,
      type,
      due,
      interval,
      last ? 2500 : 0,
      history.length,
      lapses,
      0,
      0,
      0,
      0,
      '{}',
    ]);
    for (const { day, ease, interval: next, lastInterval, kind } of history) {
      const id = (begin + day * daySeconds) * 1000 + index;
      reviews.push([id, card, 0, ease, next, lastInterval, 2500, 4000 + random(9000), kind]);
    }
  }
  await host.query('update col set crt = ?', begin);
  for (const [table, rows] of Object.entries({ notes, cards, revlog: reviews }))
    for (let start = 0; start < rows.length; start += rowsPerInsert)
      await host.query(
        `insert into ${table} values ${rows
          .slice(start, start + rowsPerInsert)
          .map(sqlOf)
          .join(',')}`,
      );
}

const sqlOf = (row: Row): string =>
  `(${row.map((value) => (typeof value === 'number' ? value : `'${value}'`)).join(',')})`;

/** Opens a collection in an engine of its own, to compare with that engine's own figures. */
export async function withHost<T>(path: string, work: (host: Host) => Promise<T>): Promise<T> {
  const host = await Host.start(await install({ log: () => {} }));
  try {
    await openCollection(host, placeOf(path), '');
    return await work(host);
  } finally {
    await host.call('close_collection', { downgradeToSchema11: false });
    await host.close();
  }
}

/** Turns FSRS on, with other members of the deck options than their defaults. */
export async function turnOn(host: Host, limits: { readonly desiredRetention?: number } = {}): Promise<void> {
  const form = await host.call('get_deck_configs_for_update', { did: 1n });
  await host.call('update_deck_configs', {
    ...form,
    targetDeckId: 1n,
    configs: form.allConfig.flatMap(({ config }) => config ?? []),
    limits: { ...form.currentDeck?.limits, ...limits },
    removedConfigIds: [],
    mode: 0,
    cardStateCustomizer: '// mine',
    newCardsIgnoreReviewLimit: true,
    applyAllParentLimits: true,
    fsrs: true,
    fsrsReschedule: false,
  });
}

export const engineOn = (collection: string): Engine =>
  new Engine({ collection, log: (message) => process.stderr.write(`${message}\n`) });
