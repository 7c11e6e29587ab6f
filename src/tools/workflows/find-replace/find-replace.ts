import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused, OutcomeUnknown } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { messageOf } from '../../../lib/error.ts';
import { differingFields } from '../../stored-form.ts';
import { workflow, type Context } from '../../workflow.ts';
import { inParts } from '../bulk/steps.ts';
import { findTargets, targetMembers } from '../bulk/targets.ts';
import { batch, joined, resultOf } from '../../joined.ts';
import { readNotes } from '../../reading.ts';
import { adviceFor, readWritten } from '../written.ts';
import { editsOf, firstWithin, lossOf, type Edit } from './edits.ts';
import { Replacer } from './replacer.ts';

const input = z.strictObject({
  ...targetMembers,
  query: z.string(),
  find: z.string().min(1),
  replace: z.string(),
  regex: z.boolean().optional().describe('JavaScript; replace has $1'),
  matchCase: z.boolean().optional(),
  fields: z.array(z.string()).optional(),
  allowLoss: z.boolean().optional(),
});

const output = z.looseObject({
  found: z.int(),
  changed: z.int().describe('Notes'),
  replacements: z.int(),
  samples: z.array(z.record(z.string(), z.unknown())),
  kept: z.array(z.record(z.string(), z.unknown())).optional().describe('Unchanged, and why'),
});

/** Maximum characters of the text to find and of its replacement. */
const maxLength = 10_000;
/** Notes to read, and notes to write, in one request. */
const partSize = { read: 500, write: 250 };

interface Kept {
  readonly id: number;
  readonly why: string;
}

export const findReplace = workflow({
  title: 'Find and replace',
  description:
    'Replaces text in the HTML fields of the notes that a search finds. Skips notes that would lose cloze deletions, media or valid HTML. dryRun shows samples.',
  annotations: { ...overwrites, idempotentHint: false },
  input,
  output,
  async run(context, options) {
    const { find, replace, regex = false, matchCase = false, allowLoss = false, dryRun = false } = options;
    if (find.length > maxLength || replace.length > maxLength) {
      throw new AnkiRefused(`Nothing was changed: find and replace have at most ${maxLength} characters.`);
    }
    const reading = joined(context);
    const replacer = new Replacer({
      find: find.normalize('NFC'),
      replace: replace.normalize('NFC'),
      regex,
      matchCase,
    });
    try {
      const found = await findTargets(reading, 'note', options);
      const { edits, kept } = await planEdits(reading, found.ids, replacer, options.fields);
      const losses = allowLoss ? [] : await lossesOf(reading, edits);
      const losing = new Set(losses.map(({ id }) => id));
      const planned = edits.filter(({ note }) => !losing.has(note.noteId));
      kept.push(...losses);
      const failed = dryRun || planned.length === 0 ? [] : await write(context, reading, planned);
      const unchanged = new Set(failed.map(({ id }) => id));
      const done = planned.filter(({ note }) => !unchanged.has(note.noteId));
      kept.push(...failed);
      const result = {
        found: found.ids.length,
        ...(dryRun && { dryRun: 'Nothing was changed. These are the numbers that the change would have.' }),
        changed: done.length,
        replacements: done.reduce((sum, { count }) => sum + count, 0),
        samples: firstWithin(
          done.map(({ sample }) => ({ ...sample })),
          context,
          0.4,
        ),
        ...(kept.length > 0 && {
          notChanged: kept.length,
          kept: firstWithin(
            kept.map(({ id, why }) => ({ id, why: echo(why, 300) })),
            context,
            0.4,
          ),
        }),
      };
      return { result };
    } finally {
      await replacer.close();
    }
  },
});

async function planEdits(
  reading: Context,
  ids: readonly number[],
  replacer: Replacer,
  names: readonly string[] | undefined,
): Promise<{ edits: Edit[]; kept: Kept[] }> {
  const wanted = names && new Set(names.map((name) => name.toLowerCase()));
  const missing = new Set(wanted);
  const [edits, kept]: [Edit[], Kept[]] = [[], []];
  for (const part of inParts(ids, partSize.read)) {
    reading.signal?.throwIfAborted();
    const { notes, unread } = await readNotes(reading, part);
    for (const name of notes.flatMap(({ fields }) => Object.keys(fields))) missing.delete(name.toLowerCase());
    kept.push(...unread.map(({ id, reason }) => ({ id, why: reason })));
    edits.push(...(await editsOf(notes, replacer, wanted)));
  }
  const [unknown] = missing;
  if (unknown !== undefined && ids.length > 0)
    throw new AnkiRefused(`Nothing was changed: none of the found notes has a field "${echo(unknown)}".`);
  return { edits, kept };
}

async function lossesOf({ call }: Context, edits: readonly Edit[]): Promise<Kept[]> {
  const modelNames = [...new Set(edits.map(({ note }) => note.modelName))];
  if (modelNames.length === 0) return [];
  const types = new Map((await call('findModelsByName', { modelNames })).map((type) => [type.name, type]));
  return edits.flatMap((edit) => {
    const why = lossOf(edit, types.get(edit.note.modelName));
    return why === undefined ? [] : [{ id: edit.note.noteId, why }];
  });
}

const toUpdate = ({ note, fields }: Edit) => ({
  action: 'updateNoteFields' as const,
  params: { note: { id: note.noteId, fields } },
});

/** Writes the edits and reads the notes back. Returns the notes that do not have the new content, and why. */
async function write(context: Context, reading: Context, edits: readonly Edit[]): Promise<Kept[]> {
  await context.check('multi', { actions: edits.map(toUpdate) });
  const failed = await context.asOneStep(async (writing) => {
    const failures: Kept[] = [];
    for (const part of inParts(edits, partSize.write)) failures.push(...(await writePart(writing, part)));
    return failures;
  });
  const reported = new Set(failed.map(({ id }) => id));
  const written = edits.filter(({ note }) => !reported.has(note.noteId));
  for (const part of inParts(written, partSize.read)) {
    const { notes, inBrowser } = await readWritten(
      reading,
      part.map(({ note }) => note.noteId),
    );
    for (const { note, fields } of part) {
      const now = notes.get(note.noteId);
      if (now && differingFields(now, fields).length === 0) continue;
      const advice = adviceFor(context, inBrowser.has(note.noteId));
      failed.push({ id: note.noteId, why: `Anki accepted it, but has other content. ${advice}` });
    }
  }
  return failed;
}

/** Writes some edits, unless a note has changed since it was read: the user may have been asked meanwhile. */
async function writePart(writing: Context, edits: readonly Edit[]): Promise<Kept[]> {
  const { notes } = await readNotes(
    writing,
    edits.map(({ note }) => note.noteId),
  );
  const now = new Map(notes.map((note) => [note.noteId, note]));
  const isCurrent = ({ note, fields }: Edit) =>
    Object.keys(fields).every(
      (name) => now.get(note.noteId)?.fields[name]?.value === note.fields[name]?.value,
    );
  const current = edits.filter((edit) => isCurrent(edit));
  const failures = edits
    .filter((edit) => !isCurrent(edit))
    .map(({ note }) => ({ id: note.noteId, why: 'It was changed or deleted meanwhile. Repeat the call.' }));
  if (current.length === 0) return failures;
  const replies = await batch(writing, current.map(toUpdate)).catch((error: unknown) => {
    if (!(error instanceof OutcomeUnknown)) throw error;
    throw new OutcomeUnknown(
      `${error.message} Some notes may be changed: repeat the call with dryRun: true, which counts the remaining ones.`,
      { cause: error },
    );
  });
  for (const [at, { note }] of current.entries()) {
    try {
      resultOf('updateNoteFields', replies[at]);
    } catch (error) {
      failures.push({ id: note.noteId, why: messageOf(error) });
    }
  }
  return failures;
}
