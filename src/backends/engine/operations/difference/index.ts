import { createHash } from 'node:crypto';
import type { Difference, DifferenceOperations } from '../../../../contract/engine/difference.ts';
import type { Operations } from '../operation.ts';
import { compareCards } from './cards.ts';
import { compareNames } from './names.ts';
import { compareNotes } from './notes.ts';
import type { Database } from './rows.ts';
import type { Scan } from './values.ts';

export const difference: Operations<keyof DifferenceOperations> = {
  difference: {
    title: 'Compare collections',
    kind: 'write',
    async run(session, { before, samples }) {
      await session.query('attach database ? as before', before);
      try {
        const content = createHash('sha256');
        const complete = createHash('sha256');
        const found = await compare(session, { samples, complete, both: [content, complete] });
        return {
          difference: found,
          fingerprint: { content: content.digest('hex'), complete: complete.digest('hex') },
        };
      } finally {
        await session.query('detach database before');
      }
    },
  },
  collectionState: {
    title: 'Collection state',
    kind: 'read',
    async run({ query }) {
      const [[modified, schema] = []] = await query('select mod, scm from col');
      return { modified: Number(modified), schema: Number(schema) };
    },
  },
};

async function compare(database: Database, scan: Scan): Promise<Difference> {
  const all = {
    notes: await compareNotes(database, scan),
    cards: await compareCards(database, scan),
    reviews: await compareReviews(database, scan),
    decks: await compareNames(database, 'decks', scan),
    noteTypes: await compareNames(database, 'noteTypes', scan),
    presets: await compareNames(database, 'presets', scan),
    tags: await compareNames(database, 'tags', scan),
    fullSync: (await isSchemaChanged(database)) ? (true as const) : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

async function compareReviews({ query }: Database, { both }: Scan): Promise<Difference['reviews']> {
  const missingIn = (schema: string, other: string) =>
    `(select count() from ${schema}.revlog r where not exists (select 1 from ${other}.revlog o where o.id = r.id))`;
  const [[added, deleted] = []] = await query(
    `select ${missingIn('main', 'before')}, ${missingIn('before', 'main')}`,
  );
  const counts = { added: Number(added), deleted: Number(deleted) };
  for (const hash of both) hash.update(JSON.stringify(counts));
  if (counts.added + counts.deleted === 0) return undefined;
  return {
    ...(counts.added > 0 && { added: counts.added }),
    ...(counts.deleted > 0 && { deleted: counts.deleted }),
  };
}

async function isSchemaChanged({ query }: Database): Promise<boolean> {
  const [[isChanged] = []] = await query(
    'select main.col.scm is not before.col.scm from main.col, before.col',
  );
  return isChanged === 1;
}
