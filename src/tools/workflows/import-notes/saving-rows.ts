import type { Context } from '../../workflow.ts';
import { joined } from '../../joined.ts';
import { check } from '../save-notes/save-checking.ts';
import { type CollectionFacts, type Draft, type SaveSettings, unsettled } from '../save-notes/save-draft.ts';
import type { SeenNotes } from '../save-notes/save-duplicates.ts';
import { prepare, readUploads } from '../save-notes/save-media.ts';
import { confirm } from '../save-notes/save-verifying.ts';
import { checkUpdates, settleDryRun, write } from '../save-notes/save-writing.ts';
import type { RowNote } from './row-notes.ts';

/** Maximum notes and characters of one batch: the add-on reads large requests ever more slowly. */
const maxBatch = { notes: 500, characters: 1_000_000 };

/** A note of a row, after it was saved. */
export interface SavedRow {
  readonly row: number;
  readonly draft: Draft;
}

interface Batch {
  readonly rows: readonly SavedRow[];
  readonly drafts: readonly Draft[];
  readonly newDecks: readonly string[];
}

export interface SavedRows {
  readonly rows: readonly SavedRow[];
  readonly newDecks: readonly string[];
}

type Settings = Omit<SaveSettings, 'notes'>;

/** Checks all notes, then writes them in batches as one undo step, then reads them back. */
export async function saveRows(
  context: Context,
  notes: readonly RowNote[],
  settings: Settings,
  facts: CollectionFacts,
): Promise<SavedRows> {
  const reading = joined(context);
  const seen: SeenNotes = new Map();
  const batches: Batch[] = [];
  const progress = (verb: string, done: number) =>
    context.progress?.(`${verb} ${done} of ${notes.length} rows`);
  let done = 0;
  for (const part of batchesOf(notes)) {
    const checked = await check(reading, { ...settings, notes: part.map(({ note }) => note) }, facts, seen);
    const rows = checked.drafts.map((draft, index) => ({ row: part[index]?.row ?? 0, draft }));
    batches.push({ ...checked, rows });
    progress('checked', (done += part.length));
  }
  if (settings.dryRun) {
    for (const { drafts } of batches) {
      await readUploads(context, drafts);
      settleDryRun(drafts);
    }
  } else {
    await checkUpdates(
      context,
      batches.flatMap(({ drafts }) => drafts),
    );
    done = 0;
    await context.asOneStep(async (writing) => {
      let isBroken = false;
      for (const { drafts, newDecks } of batches) {
        if (isBroken) for (const draft of unsettled(drafts)) draft.settle('failed', notSent);
        else await writeBatch(context, writing, drafts, newDecks, settings);
        isBroken ||= drafts.some(({ outcome }) => outcome === 'unknown');
        progress('wrote', (done += drafts.length));
      }
    });
    done = 0;
    for (const { drafts } of batches) {
      await confirm(reading, drafts);
      progress('read back', (done += drafts.length));
    }
  }
  return {
    rows: batches.flatMap(({ rows }) => rows),
    newDecks: [...new Set(batches.flatMap(({ newDecks }) => newDecks))],
  };
}

const notSent =
  'It was not sent, because the outcome of earlier rows is unknown. Import the file again with dryRun: true.';

async function writeBatch(
  context: Context,
  writing: Context,
  drafts: readonly Draft[],
  newDecks: readonly string[],
  { onDuplicate }: Settings,
): Promise<void> {
  context.signal?.throwIfAborted();
  const uploads = await readUploads(context, drafts);
  await prepare(writing, drafts, newDecks, uploads);
  await write(writing, drafts, onDuplicate === 'add');
}

function* batchesOf(notes: readonly RowNote[]): Generator<readonly RowNote[]> {
  let batch: RowNote[] = [];
  let characters = 0;
  for (const each of notes) {
    const size = Object.values(each.note.fields ?? {}).reduce((sum, text) => sum + text.length, 0);
    if (batch.length === maxBatch.notes || (batch.length > 0 && characters + size > maxBatch.characters)) {
      yield batch;
      [batch, characters] = [[], 0];
    }
    batch.push(each);
    characters += size;
  }
  if (batch.length > 0) yield batch;
}
