import { echo } from '../../../lib/cut.ts';
import { exactName, foldCase } from '../../../lib/exact-name.ts';
import { own } from '../../../lib/json.ts';
import { nearest } from '../../../lib/nearest.ts';
import { fieldHtml, type FieldHtml } from '../../card-text/field-html.ts';
import { cleanText } from '../../card-text/html.ts';
import { TextRefused } from '../../card-text/text-refused.ts';
import type { DeckIds } from '../../search-terms.ts';
import { fieldNames, isEmpty } from '../lint.ts';
import { valuesOf, type Note, type NoteType } from '../../reading.ts';
import { warningsOf } from '../text-warnings.ts';
import { mediaPath, type MediaInput, type NoteInput, type SaveInput } from './save-input.ts';

export type Outcome =
  | 'created'
  | 'updated'
  | 'unchanged'
  | 'alreadyThere'
  | 'twiceInCall'
  | 'invalid'
  | 'failed'
  | 'unknown'
  | 'unverified';

/** What the collection contains, as far as the notes to save need it. */
export interface CollectionFacts {
  readonly decks: readonly string[];
  readonly deckIds: DeckIds;
  readonly typeNames: readonly string[];
  readonly typeIds: Readonly<Record<string, number>>;
  /** Note types by the requested name in lower case. More are added later by their exact name. */
  readonly types: Map<string, NoteType>;
  readonly notes: ReadonlyMap<number, Note>;
  /** Why a note could not be read, by id. */
  readonly unread: ReadonlyMap<number, string>;
  /** Lists of names that an error message contains already, with the position of its note. */
  readonly listed?: Map<string, number> | undefined;
}

/** A media file of a note. The markup gets its final name when the file is stored. */
export interface DraftMedia extends MediaInput {
  markup: string;
  /** The name under which Anki stored the file. */
  stored?: string;
}

/** A note that is being saved. It is settled once it has an outcome. */
export class Draft {
  /** Position in the `notes` argument. */
  readonly index: number;
  readonly input: NoteInput;
  /** HTML by exact field name. */
  fields: Record<string, string> = {};
  /** The fields as they were sent, by exact name. */
  sent: Record<string, string> = {};
  tags: readonly string[] | undefined;
  media: DraftMedia[] = [];
  deck: string | undefined;
  type: NoteType | undefined;
  /** The note to update; if there is none, a note is added. */
  target: Note | undefined;
  outcome: Outcome | undefined;
  id: number | undefined;
  why: string | undefined;
  /** The draft of the same call that this one duplicates. */
  twin: Draft | undefined;
  /** The note of the collection that this one duplicates, and its deck. */
  existing: Note | undefined;
  existingDeck: string | undefined;
  /** The note as it was read back. */
  saved: Note | undefined;
  warnings: string[] = [];

  constructor(input: NoteInput, index: number) {
    this.input = input;
    this.index = index;
    this.id = input.id;
  }

  settle(outcome: Outcome, why?: string): void {
    this.outcome = outcome;
    this.why = why;
  }

  /** All fields of the note after saving, including unchanged ones, without new media. */
  get allFields(): Record<string, string> {
    return { ...(this.target && valuesOf(this.target)), ...this.fields };
  }

  /** Returns the changed fields with the markup of their media. */
  withMedia(): Record<string, string> {
    let { fields } = this;
    for (const { field, markup } of this.media) {
      const value = own(fields, field) ?? own(this.target?.fields ?? {}, field)?.value ?? '';
      const separator = isEmpty(value) ? '' : '<br>';
      fields = { ...fields, [field]: value.includes(markup) ? value : value + separator + markup };
    }
    return fields;
  }
}

export const unsettled = (drafts: readonly Draft[]): Draft[] => drafts.filter(({ outcome }) => !outcome);

/** Removes spaces around each level of a deck name, as Anki does. */
const trimDeckName = (name: string): string =>
  name
    .split('::')
    .map((level) => level.trim())
    .join('::');

/** Returns names for an error message. Each list is in one message only; others refer to it. */
function someOf(names: readonly string[], index: number, { listed }: CollectionFacts): string {
  const list = `${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`;
  const first = listed?.get(list) ?? index;
  listed?.set(list, first);
  return first === index ? echo(list, 500) : `see notes[${first}]`;
}

/** Completes a message about an unknown name with the most similar name, or with a list of the known ones. */
function withKnownNames(
  problem: string,
  name: string,
  names: readonly string[],
  { index }: Draft,
  facts: CollectionFacts,
): string {
  const similar = nearest(name, names);
  if (similar !== undefined) return `${problem} Did you mean "${similar}"?`;
  return `${problem} Known: ${someOf(names, index, facts)}.`;
}

/** How notes are saved. The field values of an import stay as they are. */
export type SaveSettings = SaveInput & { readonly isVerbatim?: boolean };

const htmlOf = async (text: string, { markdown, isVerbatim }: SaveSettings): Promise<FieldHtml> =>
  isVerbatim ? { html: cleanText(text), warnings: [] } : fieldHtml(text, markdown);

const pictureNames = /\.(png|jpe?g|gif|webp|svg|avif|bmp|ico|tiff?|jxl|heic)$/i;

/** Returns the text that shows or plays a media file in a field. */
export const markupOf = (name: string, isPicture = pictureNames.test(name)): string =>
  isPicture ? `<img src="${name.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">` : `[sound:${name}]`;

/** Checks a note against the collection and converts its fields. An error settles the draft as invalid. */
export async function draftOf(
  note: NoteInput,
  index: number,
  input: SaveSettings,
  facts: CollectionFacts,
): Promise<Draft> {
  const draft = new Draft(note, index);
  const error =
    note.id === undefined ? prepareNew(draft, input, facts) : prepareUpdate(draft, note.id, facts, input);
  if (error !== undefined) {
    draft.settle('invalid', error);
    return draft;
  }
  const names = draft.type ? fieldNames(draft.type) : Object.keys(draft.target?.fields ?? {});
  const typeName = draft.type?.name ?? draft.target?.modelName ?? '';
  const unknownField = (name: string) =>
    withKnownNames(`Note type "${typeName}" has no field "${echo(name)}".`, name, names, draft, facts);
  for (const [name, text] of Object.entries(note.fields ?? {})) {
    const field = exactName(name, names);
    if (field === undefined) draft.settle('invalid', unknownField(name));
    else if (Object.hasOwn(draft.fields, field))
      draft.settle('invalid', `The field "${field}" was passed twice.`);
    else {
      const { html, warnings } = await htmlOf(text, input).catch((refusal: unknown) => {
        if (!(refusal instanceof TextRefused)) throw refusal;
        draft.settle('invalid', `Field "${field}": ${refusal.message}`);
        return { html: text, warnings: [] };
      });
      draft.fields = { ...draft.fields, [field]: html };
      draft.sent = { ...draft.sent, [field]: text };
      if (draft.outcome) continue;
      draft.warnings.push(...warnings.map((warning) => `${field}: ${warning}`));
      draft.warnings.push(...warningsOf(field, html, input.markdown));
    }
  }
  for (const file of note.media ?? []) {
    const field = exactName(file.field, names);
    if (field === undefined) draft.settle('invalid', unknownField(file.field));
    else
      draft.media.push({
        ...file,
        path: file.path && mediaPath(file.path, input),
        field,
        markup: markupOf(file.filename.toLowerCase()),
      });
  }
  const added = [...(input.tags ?? []), ...(note.addTags ?? [])];
  if (note.id === undefined || note.tags || added.length > 0)
    draft.tags = [...(note.tags ?? draft.target?.tags ?? []), ...added];
  // A warning about the tags of all notes is at the first note only.
  const ofAll = index === 0 ? (input.tags ?? []) : [];
  const written = [...(note.tags ?? []), ...(note.addTags ?? []), ...ofAll];
  for (const tag of written.filter((each) => /\S\s+\S/.test(each)))
    draft.warnings.push(`"${echo(tag)}" makes more than one tag`);
  return draft;
}

/** Sets type and deck of a note to add. Returns an error message if that is not possible. */
function prepareNew(draft: Draft, input: SaveInput, facts: CollectionFacts): string | undefined {
  const { decks, types, typeNames } = facts;
  const { deckName = input.deckName, modelName = input.modelName, fields } = draft.input;
  if (modelName === undefined)
    return `A new note needs modelName. Known: ${someOf(typeNames, draft.index, facts)}.`;
  draft.type = types.get(modelName.toLowerCase());
  if (!draft.type)
    return withKnownNames(
      `Note type "${echo(modelName)}" does not exist.`,
      modelName,
      typeNames,
      draft,
      facts,
    );
  if (deckName === undefined) return 'A new note needs deckName.';
  draft.deck = exactName(trimDeckName(deckName), decks);
  if (draft.deck === undefined && input.createDecks) draft.deck = trimDeckName(deckName);
  if (draft.deck === undefined) {
    return `${withKnownNames(`Deck "${echo(deckName)}" does not exist.`, deckName, decks, draft, facts)} createDecks: true creates it.`;
  }
  return fields === undefined ? 'A new note needs fields.' : undefined;
}

/** Sets the target of a note to update. Returns an error message if that is not possible. */
function prepareUpdate(
  draft: Draft,
  id: number,
  { notes, unread }: CollectionFacts,
  input: SaveInput,
): string | undefined {
  const { deckName, modelName, fields, media } = draft.input;
  const tags = draft.input.tags ?? draft.input.addTags ?? input.tags;
  draft.target = notes.get(id);
  if (!draft.target) return `Note ${id} cannot be updated: ${unread.get(id) ?? 'no such note'}.`;
  if (modelName !== undefined && foldCase(modelName) !== foldCase(draft.target.modelName)) {
    return `The note's type is ${draft.target.modelName}; updateNoteModel changes it.`;
  }
  if (deckName !== undefined) draft.warnings.push('deckName is for new notes; changeDeck moves cards');
  return fields === undefined && tags === undefined && media === undefined
    ? 'There is nothing to change: pass fields, tags or media.'
    : undefined;
}
