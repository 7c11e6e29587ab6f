import type { CardChange, CardSample, Change, Difference } from '../../../../contract/engine/difference.ts';
import { hashInto, isAdded, isDeleted, scan, type Database, type Row } from './rows.ts';
import { rowsOf, text, type Scan } from './values.ts';

/** Columns that the two states of a card are compared by; what Anki may choose at random comes last. */
const compared = [
  'did',
  'odid',
  'ord',
  'queue',
  'flags',
  'reps',
  'lapses',
  'type',
  'due',
  'odue',
  'ivl',
  'factor',
  'data',
];
const randomFrom = 1 + compared.indexOf('due');

const columns = (schema: string, alias: string) =>
  [
    `${alias}.id id`,
    ...compared.map((name) =>
      name === 'did'
        ? `(select name from ${schema}.decks d where d.id = ${alias}.did) deck`
        : `${alias}.${name}`,
    ),
    `${alias}.nid`,
  ].join(', ');

const at = (name: string): number => 1 + compared.indexOf(name);

/** Compares the cards: deck, state and schedule. */
export async function compareCards(
  database: Database,
  { samples, both, complete }: Scan,
): Promise<Difference['cards']> {
  const parts = (row: Row, from: number) => row.slice(from, randomFrom);
  const one = (kind: string, schema: string, condition: string) =>
    scan(database, `select ${columns(schema, 'c')} from ${schema}.cards c where ${condition}`, {
      samples,
      hash: hashInto(both, `card ${kind}`),
      part: (row) => (kind === 'added' ? parts(row, 1) : row.slice(0, 1)),
    });
  const added = await one('added', 'main', isAdded('cards', 'c'));
  const deleted = await one('deleted', 'before', isDeleted('cards', 'c'));
  const hashSchedule = hashInto([complete], 'schedule');
  const changed = await scan(
    database,
    `select ${columns('main', 'c')}, ${columns('before', 'b')} from main.cards c join before.cards b on b.id = c.id
     where ${compared.map((name) => `c.${name} is not b.${name}`).join(' or ')}`,
    {
      samples,
      hash: hashInto(both, 'card changed'),
      part: (row) => {
        hashSchedule(JSON.stringify(row.slice(0, 1 + compared.length)));
        return parts(row, 0);
      },
    },
  );
  return rowsOf(added, deleted, changed, {
    added: sampleOf,
    deleted: sampleOf,
    changed: (row) => changeOf(row.slice(compared.length + 2), row),
  });
}

const deckOf = (row: Row): string => text(row[at('did')]).replaceAll('\u{1F}', '::');

const sampleOf = (row: Row): CardSample => ({
  id: Number(row[0]),
  note: Number(row[compared.length + 1]),
  deck: deckOf(row),
});

function changeOf(before: Row, after: Row): CardChange {
  const pair = (name: string): Change<number> => [Number(before[at(name)]), Number(after[at(name)])];
  const change = <T>(key: string, [old, now]: Change<T>) => (old === now ? {} : { [key]: [old, now] });
  return {
    id: Number(after[0]),
    ...change('deck', [deckOf(before), deckOf(after)]),
    ...change('state', [stateOf(before), stateOf(after)]),
    ...change('flag', pair('flags')),
    ...change('due', pair('due')),
    ...change('interval', pair('ivl')),
    ...change('ease', pair('factor')),
    ...change('reviews', pair('reps')),
    ...change('lapses', pair('lapses')),
  };
}

const queues: Readonly<Record<number, string>> = {
  [-3]: 'buried',
  [-2]: 'buried',
  [-1]: 'suspended',
  0: 'new',
  1: 'learning',
  2: 'review',
  3: 'learning',
  4: 'preview',
};

const stateOf = (row: Row): string => queues[Number(row[at('queue')])] ?? 'unknown';
