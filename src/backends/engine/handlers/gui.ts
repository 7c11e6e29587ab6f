import type * as contract from '../../../contract/gui.ts';
import { whyUndoIsEmpty } from '../../../contract/engine/undo.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { attachFiles } from './attachment.ts';
import type { Collection } from '../session/collection.ts';
import type { Session } from '../session/session.ts';
import { undoStep } from '../session/undo.ts';
import { findDeck } from '../session/deck-name.ts';
import { EngineError } from '../process/engine-error.ts';
import type { Handlers } from '../session/handler.ts';
import { requireDeck } from './note-draft.ts';
import { noteTypeByName } from '../session/note-type.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { typeName } from '../../../anki-connect/python.ts';
import { id, member, str, text } from '../session/python.ts';
import { plain } from '../process/progress.ts';
import type { Button } from '../session/reviewer.ts';

/** Makes a deck the current one. Returns false if no deck has this name. */
async function selectDeck(collection: Session, name: Json | undefined): Promise<boolean> {
  const did = await findDeck(collection, name === null ? '' : text(name));
  if (did === undefined) return false;
  await collection.call('set_current_deck', { did });
  collection.reviewer.leave();
  return true;
}

/** Checks a draft as the Add window would, and stores its attachments. */
async function checkDraft(collection: Collection, note: Json): Promise<void> {
  await requireDeck(collection, member(note, 'deckName'));
  const { flds } = await noteTypeByName(collection, member(note, 'modelName'));
  const names = flds.map(({ name }) => name);
  const fields = names.map(() => '');
  if (isObject(note)) await attachFiles(collection, note, names, fields);
}

const showCard = 'Show the card in your reply: guiCurrentCard returns it.';
const noWindows = 'The engine has no windows: the user sees nothing.';

const nothingToUndo = `There is nothing to undo, and nothing was changed. ${whyUndoIsEmpty}`;

/** Answer buttons by ease. A fraction counts as Easy. */
const buttons: Readonly<Record<number, Button>> = { 1: 'again', 2: 'hard', 3: 'good' };

export const gui = {
  async guiBrowse(collection, { query, reorderCards = null }, call) {
    const { browser } = collection;
    call.report?.(noWindows);
    await browser.open(collection);
    let found: number[] = [];
    try {
      if (reorderCards !== null) await browser.reorder(collection, reorderCards);
    } finally {
      // The desktop searches last, even after an invalid order.
      found = await browser.search(collection, query);
    }
    return found;
  },

  async guiSelectCard({ browser }, { card }, call) {
    call.report?.(noWindows);
    return browser.select(card);
  },

  async guiSelectNote({ browser }, { note }, call) {
    call.report?.(noWindows);
    return browser.select(note);
  },

  async guiSelectedNotes(collection) {
    return collection.browser.selectedNotes(collection);
  },

  async guiAddCards(collection, { note = null }, call) {
    if (note !== null) await checkDraft(collection, note);
    call.report?.('The engine has no Add window: nobody sees the draft. Use addNote to add a note.');
    return 0;
  },

  async guiAddNoteSetData() {
    return { error: 'Add Note dialog is not open: the engine has no windows. Use addNote.', code: 1 };
  },

  async guiEditNote(collection, { note }) {
    await collection.call('get_note', { nid: id(note) });
    throw new AnkiRefused(
      `Cannot open an editor for note ${str(note)}: the engine has no windows. Read it with notesInfo, and change it with updateNote.`,
    );
  },

  async guiCurrentCard(collection) {
    return collection.reviewer.describe(collection);
  },

  async guiStartCardTimer(collection) {
    return collection.reviewer.restartTimer(collection);
  },

  async guiShowQuestion(collection, _params, call) {
    call.report?.(`${noWindows} ${showCard}`);
    return collection.reviewer.showSide(collection, 'question');
  },

  async guiShowAnswer(collection, _params, call) {
    call.report?.(`${noWindows} ${showCard}`);
    return collection.reviewer.showSide(collection, 'answer');
  },

  async guiAnswerCard(collection, { ease }) {
    const { reviewer } = collection;
    if (!(await reviewer.isAnswerShown(collection))) return false;
    if (!['int', 'float', 'bool'].includes(typeName(ease)))
      throw new AnkiRefused(`ease must be a number from 1 (Again) to 4 (Easy), not ${typeName(ease)}.`);
    const number = Number(ease);
    if (number <= 0 || number > 4) return false;
    await reviewer.answer(collection, buttons[number] ?? 'easy');
    return true;
  },

  async guiUndo(collection, _params, call) {
    try {
      const undone = await undoStep(collection);
      call.report?.(`Undid: ${undone.name}.`);
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== 'UNDO_EMPTY') throw error;
      if (call.strict) throw new AnkiRefused(nothingToUndo);
    }
    return true;
  },

  async guiDeckOverview(collection, { name }, call) {
    call.report?.(noWindows);
    return selectDeck(collection, name);
  },

  async guiDeckBrowser({ reviewer }, _params, call) {
    call.report?.(noWindows);
    reviewer.leave();
    return null;
  },

  async guiDeckReview(collection, { name }, call) {
    call.report?.(`${noWindows} ${showCard}`);
    const found = await selectDeck(collection, name);
    if (found) await collection.reviewer.next(collection);
    return found;
  },

  async guiExitAnki(_collection, _params, call) {
    call.report?.('The engine has no window to close. It closes the collection after a while without calls.');
    return null;
  },

  async guiCheckDatabase(collection, _params, call) {
    const { problems } = await collection.call('check_database', {});
    call.report?.(plain(problems.join(' ')) || 'Anki found no problems.');
    await collection.reset();
    return true;
  },

  async guiPlayAudio(collection, _params, call) {
    call.report?.('The engine plays no sound.');
    return collection.reviewer.isActive(collection);
  },

  async guiReviewActive(collection) {
    return collection.reviewer.isActive(collection);
  },
} satisfies Handlers<Exclude<keyof typeof contract, 'guiImportFile'>>;
