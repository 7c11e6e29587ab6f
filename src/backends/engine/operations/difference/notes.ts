import type { Change, Difference, NoteChange, NoteSample } from '../../../../contract/engine/difference.ts';
import { hashInto, isAdded, isDeleted, scan, type Database, type Row } from './rows.ts';
import { rowsOf, text, type Scan } from './values.ts';

const columns = (schema: string, alias: string) =>
  `${alias}.id id, (select name from ${schema}.notetypes t where t.id = ${alias}.mid) type, ${alias}.flds, ${alias}.tags`;

/** Compares the notes: fields, tags and note type. */
export async function compareNotes(
  database: Database,
  { samples, both }: Scan,
): Promise<Difference['notes']> {
  const one = (kind: string, schema: string, condition: string) =>
    scan(database, `select ${columns(schema, 'n')}, n.mid from ${schema}.notes n where ${condition}`, {
      samples,
      hash: hashInto(both, `note ${kind}`),
      part: (row) => (kind === 'added' ? row.slice(1, 4) : row.slice(0, 1)),
    });
  const added = await one('added', 'main', isAdded('notes', 'n'));
  const deleted = await one('deleted', 'before', isDeleted('notes', 'n'));
  const changed = await scan(
    database,
    `select ${columns('main', 'n')}, n.mid mid, ${columns('before', 'b')}, b.mid from main.notes n join before.notes b on b.id = n.id
     where n.flds is not b.flds or n.tags is not b.tags or n.mid is not b.mid`,
    { samples, hash: hashInto(both, 'note changed'), part: (row) => row.slice(0, 4) },
  );
  const names = { main: await fieldNames(database, 'main'), before: await fieldNames(database, 'before') };
  const sample =
    (fields: FieldNames) =>
    (row: Row): NoteSample => ({
      id: Number(row[0]),
      noteType: text(row[1]),
      fields: fieldsOf(row, fields),
      tags: text(row[3]).trim(),
    });
  return rowsOf(added, deleted, changed, {
    added: sample(names.main),
    deleted: sample(names.before),
    changed: (row): NoteChange => ({
      id: Number(row[0]),
      ...changesOf(row.slice(5, 10), row.slice(0, 5), names),
    }),
  });
}

/** Field names by note type id. */
type FieldNames = ReadonlyMap<string, readonly string[]>;

async function fieldNames({ query }: Database, schema: string): Promise<FieldNames> {
  const names = new Map<string, string[]>();
  for (const [id, name] of await query(`select ntid, name from ${schema}.fields order by ntid, ord`)) {
    const list = names.get(text(id)) ?? [];
    list.push(text(name));
    names.set(text(id), list);
  }
  return names;
}

function fieldsOf(row: Row, names: FieldNames): Record<string, string> {
  const fields = names.get(text(row[4])) ?? [];
  return Object.fromEntries(
    text(row[2])
      .split('\u{1F}')
      .map((value, at) => [fields[at] ?? `field ${at + 1}`, value]),
  );
}

/** Returns what is different between an earlier and a later row. Fields are compared by name. */
function changesOf(
  before: Row,
  after: Row,
  names: Record<'main' | 'before', FieldNames>,
): Omit<NoteChange, 'id'> {
  const old = fieldsOf(before, names.before);
  const now = fieldsOf(after, names.main);
  const fields = Object.fromEntries(
    Object.keys({ ...old, ...now }).flatMap((name): [string, Change][] =>
      (old[name] ?? '') === (now[name] ?? '') ? [] : [[name, [old[name] ?? '', now[name] ?? '']]],
    ),
  );
  const tags: Change = [text(before[3]).trim(), text(after[3]).trim()];
  return {
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(tags[0] !== tags[1] && { tags }),
    ...(before[4] !== after[4] && { noteType: [text(before[1]), text(after[1])] as const }),
  };
}
