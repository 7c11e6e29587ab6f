import type { Change, NamedChanges } from '../../../../contract/engine/difference.ts';
import { hashInto, type Database } from './rows.ts';
import { text, type Scan } from './values.ts';

/** Queries of what has a name: id, name, and the content that counts as changed. `schema.` is replaced. */
export const named = {
  decks: "select id, replace(name, char(31), '::'), hex(kind) from schema.decks",
  presets: 'select id, name, hex(config) from schema.deck_config',
  noteTypes: `select id, name, hex(config)
    || (select group_concat(name || hex(config)) from (select * from schema.fields f where f.ntid = t.id order by ord))
    || (select group_concat(name || hex(config)) from (select * from schema.templates p where p.ntid = t.id order by ord))
    from schema.notetypes t`,
  tags: "select tag, tag, '' from schema.tags",
} as const;

interface Named {
  readonly name: string;
  readonly content: string;
}

/** Compares what has a name, and lists all names. */
export async function compareNames(
  database: Database,
  kind: keyof typeof named,
  { both }: Scan,
): Promise<NamedChanges | undefined> {
  const before = await read(database, kind, 'before');
  const after = await read(database, kind, 'main');
  const added = [...after].filter(([id]) => !before.has(id)).map(([, { name }]) => name);
  const deleted = [...before].filter(([id]) => !after.has(id)).map(([, { name }]) => name);
  const renamed: Change[] = [];
  const changed: string[] = [];
  for (const [id, { name, content }] of after) {
    const old = before.get(id);
    if (old && old.name !== name) renamed.push([old.name, name]);
    if (old && old.content !== content) changed.push(name);
  }
  hashInto(both, kind)(JSON.stringify([added, deleted, renamed, changed]));
  const lists = {
    added: added.toSorted(),
    deleted: deleted.toSorted(),
    renamed,
    changed: changed.toSorted(),
  };
  const shown = Object.entries(lists).filter(([, list]) => list.length > 0);
  return shown.length === 0 ? undefined : Object.fromEntries(shown);
}

async function read(
  { query }: Database,
  kind: keyof typeof named,
  schema: string,
): Promise<Map<string, Named>> {
  const rows = await query(named[kind].replaceAll('schema.', `${schema}.`));
  return new Map(rows.map(([id, name, content]) => [text(id), { name: text(name), content: text(content) }]));
}
