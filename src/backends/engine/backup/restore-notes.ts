import { join } from 'node:path';
import type { NotesToRestore } from '../../../contract/backend.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import { isNotFound } from '../process/engine-error.ts';
import type { Collection } from '../session/collection.ts';
import { deckEntries } from '../session/deck-name.ts';
import { readNoteType } from '../session/legacy-json.ts';
import type { Session } from '../session/session.ts';
import { restoreOptionsGroups } from './restore-options.ts';

const always = 1;
const never = 2;

/** A note's type and cards. */
interface Shape {
  readonly noteTypeId: bigint;
  readonly cards: readonly { readonly id: bigint; readonly ord: number; readonly decks: readonly bigint[] }[];
}

/** Restores notes with their cards from a backup that is open in a second engine. Returns the ids that it does not contain. */
export async function restoreNotes(
  here: Session,
  backup: Collection,
  folder: string,
  { ids, exact }: NotesToRestore,
): Promise<readonly number[]> {
  await here.reset();
  if (exact) await restoreOptionsGroups(here, backup);
  const [saved, current] = [await shapesOf(backup, ids), await shapesOf(here, ids)];
  const copied = await haveSameShape(here, backup, saved, current);
  const others = [...saved.keys()].filter((id) => !copied.has(id));
  const superfluous = exact ? [...current.keys()].filter((id) => !saved.has(id)) : [];
  const removed = [...others.filter((id) => current.has(id)), ...superfluous];

  // Exported before anything is changed.
  const packagePath = join(folder, 'notes.apkg');
  if (others.length > 0) await exportNotes(backup, others, packagePath);
  const change = async () => {
    if (copied.size > 0) await copyNotes(here, backup, saved, copied);
    if (removed.length > 0) await here.call('remove_notes', { noteIds: removed, cardIds: [] });
    if (others.length > 0) await importNotes(here, packagePath);
  };
  try {
    await here.asOneStep(() => here.undoSteps.action('Restore backup', undefined, change));
  } catch (error) {
    throw new AnkiRefused(
      `The restore stopped halfway: some notes are restored, others may be missing. Restore the same backup again, or the backup made just before. ${messageOf(error)}`,
    );
  } finally {
    here.noteTypes.clear();
  }
  return ids.filter((id) => !saved.has(BigInt(id)));
}

/** Returns the shapes of the notes that exist. */
async function shapesOf(collection: Collection, ids: readonly number[]): Promise<Map<bigint, Shape>> {
  const rows = await collection.query(
    'select n.id, n.mid, c.id, c.ord, c.did, c.odid from notes n left join cards c on c.nid = n.id where n.id in (select value from json_each(?)) order by n.id, c.id',
    JSON.stringify(ids),
  );
  const shapes = new Map<bigint, { noteTypeId: bigint; cards: Shape['cards'][number][] }>();
  for (const [note, type, card, ord, deck, originalDeck] of rows) {
    const id = BigInt(Number(note));
    const shape = shapes.get(id) ?? { noteTypeId: BigInt(Number(type)), cards: [] };
    const decks = [deck, originalDeck].map(Number).filter((did) => did !== 0);
    if (card !== null)
      shape.cards.push({ id: BigInt(Number(card)), ord: Number(ord), decks: decks.map(BigInt) });
    shapes.set(id, shape);
  }
  return shapes;
}

/** Returns the notes whose type, cards and decks exist here as in the backup, so that their content can be copied. */
async function haveSameShape(
  here: Collection,
  backup: Collection,
  saved: ReadonlyMap<bigint, Shape>,
  current: ReadonlyMap<bigint, Shape>,
): Promise<ReadonlySet<bigint>> {
  const decks = new Set((await deckEntries(here)).map(({ id }) => id));
  const types = new Set<bigint>();
  for (const ntid of new Set([...saved.values()].map(({ noteTypeId }) => noteTypeId))) {
    if ((await namesIn(here, ntid)) === (await namesIn(backup, ntid))) types.add(ntid);
  }
  const cardsOf = ({ cards }: Shape) => cards.map(({ id, ord }) => `${id} ${ord}`).join();
  const same = [...saved].filter(([id, shape]) => {
    const now = current.get(id);
    return (
      now?.noteTypeId === shape.noteTypeId &&
      types.has(shape.noteTypeId) &&
      cardsOf(now) === cardsOf(shape) &&
      shape.cards.every((card) => card.decks.every((deck) => decks.has(deck)))
    );
  });
  return new Set(same.map(([id]) => id));
}

/** Returns the names of a note type's fields and templates in their order. */
async function namesIn(collection: Collection, ntid: bigint): Promise<string | undefined> {
  try {
    const { flds, tmpls } = readNoteType(await collection.call('get_notetype_legacy', { ntid }));
    return JSON.stringify([flds.map(({ name }) => name), tmpls.map(({ name }) => name)]);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Overwrites fields, tags and scheduling with those of the backup. */
async function copyNotes(
  here: Collection,
  backup: Collection,
  saved: ReadonlyMap<bigint, Shape>,
  ids: ReadonlySet<bigint>,
): Promise<void> {
  const notes = await Promise.all([...ids].map((nid) => backup.call('get_note', { nid })));
  await here.call('update_notes', { notes, skipUndoEntry: false });
  const cids = [...ids].flatMap((id) => saved.get(id)?.cards.map((card) => card.id) ?? []);
  const cards = await Promise.all(cids.map((cid) => backup.call('get_card', { cid })));
  await here.call('update_cards', { cards, skipUndoEntry: false });
}

async function exportNotes(backup: Collection, noteIds: readonly bigint[], outPath: string): Promise<void> {
  await backup.call('export_anki_package', {
    outPath,
    options: { withScheduling: true, withDeckConfigs: true, withMedia: false, legacy: false },
    limit: { limit: { case: 'noteIds', value: { noteIds: [...noteIds] } } },
  });
}

/** Adds notes with their scheduling. Removed fields and templates of their types come back. */
async function importNotes(here: Collection, packagePath: string): Promise<void> {
  await here.call('import_anki_package', {
    packagePath,
    options: {
      mergeNotetypes: true,
      updateNotes: always,
      updateNotetypes: never,
      withScheduling: true,
      withDeckConfigs: true,
    },
  });
}
