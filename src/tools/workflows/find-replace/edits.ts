import { scanClozes } from '../../card-text/cloze.ts';
import { unclosedTags } from '../../card-text/html.ts';
import { countWithin } from '../../size.ts';
import { excerpt } from '../../card-text/excerpt.ts';
import type { Context } from '../../workflow.ts';
import { findFault, type Fields } from '../lint.ts';
import { valuesOf, type Note, type NoteType } from '../../reading.ts';
import type { Replacer } from './replacer.ts';

/** New texts of one note. */
export interface Edit {
  readonly note: Note;
  readonly fields: Fields;
  readonly count: number;
  readonly sample: Sample;
}

export interface Sample {
  readonly id: number;
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const sampleLength = 120;

/** Returns the edits that replacing makes in notes. `fields` names the only fields to change, in lower case. */
export async function editsOf(
  notes: readonly Note[],
  replacer: Replacer,
  fields: ReadonlySet<string> | undefined,
): Promise<Edit[]> {
  const texts = notes.flatMap((note) =>
    Object.entries(note.fields)
      .toSorted(([, a], [, b]) => a.order - b.order)
      .filter(([name]) => fields?.has(name.toLowerCase()) ?? true)
      .map(([name, { value }]) => ({ note, name, value })),
  );
  const replaced = await replacer.replaceIn(texts.map(({ value }) => value));
  const edits = new Map<number, Edit>();
  for (const [at, { note, name, value }] of texts.entries()) {
    const result = replaced[at];
    if (!result || result.text.normalize('NFC') === value.normalize('NFC')) continue;
    const earlier = edits.get(note.noteId);
    const before = excerpt(value, sampleLength, result.start);
    const after = excerpt(result.text, sampleLength, result.start);
    edits.set(note.noteId, {
      note,
      fields: { ...earlier?.fields, [name]: result.text },
      count: (earlier?.count ?? 0) + result.count,
      sample: earlier?.sample ?? { id: note.noteId, field: name, before, after },
    });
  }
  return [...edits.values()];
}

const mediaIn = (fields: Fields): number =>
  Object.values(fields)
    .join(' ')
    .match(/\[sound:|<img\b|<audio\b|<video\b/gi)?.length ?? 0;

const clozesIn = (fields: Fields): Set<number> =>
  new Set(Object.values(fields).flatMap((html) => [...scanClozes(html).numbers]));

/** Returns what the note would lose by an edit: a cloze deletion, a picture, valid markup, its cards. */
export function lossOf({ note, fields }: Edit, type: NoteType | undefined): string | undefined {
  const before = valuesOf(note);
  const after = { ...before, ...fields };
  const changed = Object.keys(fields);
  const fault = type && findFault(type, after, changed);
  if (type && fault !== undefined && findFault(type, before, changed) === undefined) return fault;
  if (type?.type === 1) {
    const left = clozesIn(after);
    const lost = [...clozesIn(before)].filter((number) => !left.has(number));
    if (lost.length > 0)
      return `The deletion c${lost.join(', c')} would disappear, so that its card becomes empty.`;
  }
  if (mediaIn(after) < mediaIn(before)) return 'A picture or sound would disappear.';
  const broken = changed.flatMap((name) => {
    const open = new Set(unclosedTags(before[name] ?? ''));
    return unclosedTags(fields[name] ?? '').filter((tag) => !open.has(tag));
  });
  if (broken[0] !== undefined) return `The HTML would be broken: <${broken[0]}> is not closed.`;
  const unopened = changed.flatMap((name) => {
    const earlier = unopenedTags(before[name] ?? '');
    return [...unopenedTags(fields[name] ?? '')].filter((tag) => !earlier.has(tag));
  });
  return unopened[0] === undefined
    ? undefined
    : `The HTML would be broken: </${unopened[0]}> closes nothing. Replace the opening and the closing tag in one call with regex: true.`;
}

/** Returns the names of tags that are closed more often than opened. */
function unopenedTags(html: string): Set<string> {
  const open = new Map<string, number>();
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][a-z\d]*)[^<>]*>/gi)) {
    const tag = name.toLowerCase();
    open.set(tag, (open.get(tag) ?? 0) + (slash === '/' ? -1 : 1));
  }
  return new Set([...open].flatMap(([tag, balance]) => (balance < 0 ? [tag] : [])));
}

/** Returns the first items that fit into the bytes. */
export const firstWithin = <T extends { readonly [key: string]: string | number }>(
  items: readonly T[],
  { budget }: Context,
  share: number,
): T[] => items.slice(0, Math.min(maxShown, countWithin(items, budget * share)));

const maxShown = 10;
