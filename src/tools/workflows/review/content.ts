import { echo } from '../../../lib/cut.ts';
import { own } from '../../../lib/json.ts';
import { plainText } from '../../card-text/plain-text.ts';
import { fieldNames } from '../lint.ts';
import type { Content, Item } from './review.ts';

/** Returns the text of HTML in one line, cut at `maxLength` characters. */
export const lineOf = (html: string, maxLength: number): string =>
  echo(plainText(html).replace(/\s+/g, ' ').trim(), maxLength);

export function contentOf({ note, draft }: Pick<Item, 'note' | 'draft'>): Content {
  const target = note.id === undefined ? undefined : draft.target;
  const given = note.fields ?? {};
  const names = draft.type ? fieldNames(draft.type) : Object.keys(target?.fields ?? given);
  const value = (name: string) => own(given, name) ?? own(target?.fields ?? {}, name)?.value ?? '';
  return {
    fields: Object.fromEntries(names.map((name) => [name, value(name)])),
    tags: (note.tags ?? target?.tags ?? []).join(' '),
    deck: note.id === undefined ? note.deckName : undefined,
  };
}

/** A difference between a draft as the model wrote it and as it is now. */
export interface Edit {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export function editsOf(item: Item): Edit[] {
  const [before, after] = [item.first, contentOf(item)];
  const all: [string, string, string][] = [
    ...Object.entries(after.fields).map(([name, value]): [string, string, string] => [
      name,
      own(before.fields, name) ?? '',
      value,
    ]),
    ['tags', before.tags, after.tags],
    ['deck', before.deck ?? '', after.deck ?? ''],
  ];
  return all
    .filter(([, old, now]) => old !== now)
    .map(([name, old, now]) => ({ name, before: old, after: now }));
}

/** Returns the note with edits. Fields that stay as they are remain unchanged. */
export function edited(item: Item, { fields, tags, deck }: Partial<Content>): Item['note'] {
  const now = contentOf(item);
  const changes = Object.entries(fields ?? {}).filter(
    ([name, html]) => Object.hasOwn(now.fields, name) && now.fields[name] !== html,
  );
  return {
    ...item.note,
    ...(changes.length > 0 && { fields: { ...item.note.fields, ...Object.fromEntries(changes) } }),
    ...(tags !== undefined && tags !== now.tags && { tags: tags.split(/\s+/).filter(Boolean) }),
    ...(deck !== undefined && item.note.id === undefined && { deckName: deck }),
  };
}
