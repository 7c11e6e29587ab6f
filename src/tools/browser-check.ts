import { z } from 'zod';
import { own, type Json } from '../lib/json.ts';
import { messageOf } from '../lib/error.ts';
import { browserSaves, notesInBrowser } from './browser.ts';
import { differingFields, sameTags } from './stored-form.ts';
import type { Context } from './workflow.ts';
import { readNotes, type Note } from './reading.ts';

/** What a note must contain after a write. */
interface Expected {
  readonly fields: Readonly<Record<string, string>>;
  /** All tags of the note. */
  readonly tags?: readonly string[] | undefined;
  readonly added?: string | undefined;
  readonly removed?: string | undefined;
}

const maxNamed = 5;

const fields = z.record(z.string(), z.string()).default({});
const tags = z.array(z.string()).optional();
const ofNote = z
  .object({ note: z.object({ id: z.number(), fields, tags }) })
  .transform(({ note: { id, ...expected } }) => [[id, expected]] satisfies [number, Expected][]);
const ofTags = z
  .object({ note: z.number(), tags })
  .transform(({ note, tags: all }) => [[note, { fields: {}, tags: all }]] satisfies [number, Expected][]);
const ofNotes = (key: 'added' | 'removed') =>
  z
    .object({ notes: z.array(z.number()), tags: z.string() })
    .transform(({ notes, tags: text }) =>
      notes.map((id): [number, Expected] => [id, { fields: {}, [key]: text }]),
    );
const ofReplacement = z
  .object({ notes: z.array(z.number()), tag_to_replace: z.string() })
  .transform(({ notes, tag_to_replace: removed }) =>
    notes.map((id): [number, Expected] => [id, { fields: {}, removed }]),
  );
const ofBatch = z.object({ actions: z.array(z.object({ action: z.string(), params: z.unknown() })) });

const parsers: Readonly<Record<string, z.ZodType<[number, Expected][]>>> = {
  updateNoteFields: ofNote,
  updateNote: ofNote,
  updateNoteModel: ofNote,
  updateNoteTags: ofTags,
  addTags: ofNotes('added'),
  removeTags: ofNotes('removed'),
  replaceTags: ofReplacement,
};

/** Returns what an action writes, by note. In a batch, the last write to a field or to the tags counts. */
function expectedAfter(name: string, params: unknown): Map<number, Expected> {
  const calls = name === 'multi' ? ofBatch.safeParse(params).data?.actions : [{ action: name, params }];
  const expected = new Map<number, Expected>();
  for (const call of calls ?? []) {
    for (const [id, next] of own(parsers, call.action)?.safeParse(call.params).data ?? []) {
      const before = expected.get(id);
      const keepsTags = !next.tags && next.added === undefined && next.removed === undefined;
      const latestTags = keepsTags ? before : next;
      expected.set(id, { ...latestTags, fields: { ...before?.fields, ...next.fields } });
    }
  }
  return expected;
}

/** Returns what a note does not contain as expected. Anki ignores fields that the note type does not have. */
function missingFrom(note: Note, { fields: written, tags: all, added, removed }: Expected): string[] {
  const known = Object.entries(written).filter(([name]) => Object.hasOwn(note.fields, name));
  const others = note.tags.filter((tag) => !sameTags([tag], [removed ?? '']));
  const areTagsLost =
    (all !== undefined && !sameTags(all, note.tags)) ||
    (added !== undefined && !sameTags([...note.tags, added], note.tags)) ||
    (removed !== undefined && others.length < note.tags.length);
  return [...differingFields(note, Object.fromEntries(known)), ...(areTagsLost ? ['the tags'] : [])];
}

/**
 * Checks on the desktop whether Anki's browser has replaced what an action has just written: its editor may write its own
 * copy of a selected note back. Returns a warning, or undefined. Waits only if the browser shows a written note.
 */
export async function browserWarning(
  context: Context,
  name: string,
  params: Json,
): Promise<string | undefined> {
  if (!context.backend.capabilities.hasWindows) return undefined;
  const expected = expectedAfter(name, params);
  if (expected.size === 0) return undefined;
  try {
    const shown = await notesInBrowser(context, [...expected.keys()]);
    if (shown.length === 0) return undefined;
    await browserSaves();
    const { notes } = await readNotes(context, shown);
    const lost = notes.flatMap((note) => {
      const missing = missingFrom(note, expected.get(note.noteId) ?? { fields: {} });
      return missing.length > 0 ? [`note ${note.noteId} (${missing.join(', ')})`] : [];
    });
    if (lost.length === 0) return undefined;
    const more = lost.length > maxNamed ? ` and ${lost.length - maxNamed} more` : '';
    return `The change was lost in ${lost.slice(0, maxNamed).join(', ')}${more}: Anki's browser shows the note and wrote its own copy back. Ask the user to close the browser, then repeat the call.`;
  } catch (error) {
    return `Anki accepted the change, but whether Anki's browser has overwritten it is unknown: ${messageOf(error)} Read the note to find out.`;
  }
}
