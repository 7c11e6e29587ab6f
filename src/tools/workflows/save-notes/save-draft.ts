import { echo } from '../../../lib/cut.ts';
import { type JsonObject, own } from '../../../lib/json.ts';
import { nearest } from '../../../lib/nearest.ts';
import { fieldHtml } from '../../card-text/field-html.ts';
import { TextRefused } from '../../card-text/text-refused.ts';
import { fieldNames } from '../lint.ts';
import type { Note, NoteType } from '../reading.ts';
import { warningsOf } from '../text-warnings.ts';
import type { MediaInput, NoteInput, SaveInput } from './save-input.ts';

export type Outcome =
  | 'created'
  | 'updated'
  | 'unchanged'
  | 'duplicate'
  | 'invalid'
  | 'failed'
  | 'unknown'
  | 'unverified';

/** What the collection contains, as far as the notes to save need it. */
export interface CollectionFacts {
  readonly decks: readonly string[];
  readonly typeNames: readonly string[];
  /** Note types by the requested name in lower case. More are added later by their exact name. */
  readonly types: Map<string, NoteType>;
  readonly notes: ReadonlyMap<number, Note>;
  /** Why a note could not be read, by id. */
  readonly unread: ReadonlyMap<number, string>;
}

/** A media file of a note. The markup gets its final name when the file is stored. */
export interface DraftMedia extends MediaInput {
  markup: string;
}

/** Maximum characters of a reason or warning, and maximum number of warnings in the result of a note. */
const maxReason = 800;
const maxWarnings = 20;

/** A note that is being saved. It is settled once it has an outcome. */
export class Draft {
  /** Position in the `notes` argument. */
  readonly index: number;
  readonly input: NoteInput;
  /** HTML by exact field name. */
  fields: Record<string, string> = {};
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
  warnings: string[] = [];

  constructor(input: NoteInput, index: number) {
    this.input = input;
    this.index = index;
    this.tags = input.tags;
    this.id = input.id;
  }

  settle(outcome: Outcome, why?: string): void {
    this.outcome = outcome;
    this.why = why;
  }

  /** All fields of the note after saving, including unchanged ones, without new media. */
  get allFields(): Record<string, string> {
    const old = Object.entries(this.target?.fields ?? {}).map(([name, { value }]) => [name, value]);
    return { ...Object.fromEntries(old), ...this.fields };
  }

  /** Returns the changed fields with the markup of their media. */
  withMedia(): Record<string, string> {
    let { fields } = this;
    for (const { field, markup } of this.media) {
      const value = own(fields, field) ?? own(this.target?.fields ?? {}, field)?.value ?? '';
      fields = { ...fields, [field]: value.includes(markup) ? value : value + markup };
    }
    return fields;
  }

  toJson(dryRun: boolean) {
    const texts = Object.values(this.input.fields ?? {});
    const converted = Object.entries(this.fields).filter(([, html]) => !texts.includes(html));
    const id = this.twin?.id ?? this.id;
    return {
      outcome: this.outcome ?? 'failed',
      ...(id !== undefined && { id }),
      ...(this.twin && { sameAs: `notes[${this.twin.index}]` }),
      ...(this.why !== undefined && { why: echo(this.why, maxReason) }),
      ...(this.warnings.length > 0 && {
        warnings: this.warnings.slice(0, maxWarnings).map((warning) => echo(warning, maxReason)),
      }),
      ...(dryRun && converted.length > 0 && { html: Object.fromEntries(converted) }),
    } satisfies JsonObject;
  }
}

export const unsettled = (drafts: readonly Draft[]): Draft[] => drafts.filter(({ outcome }) => !outcome);

const foldCase = (name: string): string => name.normalize('NFC').toLowerCase();

/** Returns the name as the collection spells it. */
const exactName = (name: string, names: readonly string[]): string | undefined =>
  names.includes(name) ? name : names.find((each) => foldCase(each) === foldCase(name));

/** Removes spaces around each level of a deck name, as Anki does. */
const trimDeckName = (name: string): string =>
  name
    .split('::')
    .map((level) => level.trim())
    .join('::');

const someOf = (names: readonly string[]): string =>
  echo(`${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`, 500);

/** Completes a message about an unknown name with the most similar name, or with a list of the known ones. */
function withKnownNames(problem: string, name: string, names: readonly string[]): string {
  const similar = nearest(name, names);
  if (similar !== undefined) return `${problem} Did you mean "${similar}"?`;
  return `${problem} Known: ${someOf(names)}.`;
}

const pictureNames = /\.(png|jpe?g|gif|webp|svg|avif|bmp|ico|tiff?|jxl|heic)$/i;

/** Returns the text that shows or plays a media file in a field. */
export const markupOf = (name: string, isPicture = pictureNames.test(name)): string =>
  isPicture ? `<img src="${name.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">` : `[sound:${name}]`;

/** Checks a note against the collection and converts its fields. An error settles the draft as invalid. */
export async function draftOf(
  note: NoteInput,
  index: number,
  input: SaveInput,
  facts: CollectionFacts,
): Promise<Draft> {
  const draft = new Draft(note, index);
  const error =
    note.id === undefined ? prepareNew(draft, input, facts) : prepareUpdate(draft, note.id, facts);
  if (error !== undefined) {
    draft.settle('invalid', error);
    return draft;
  }
  const names = draft.type ? fieldNames(draft.type) : Object.keys(draft.target?.fields ?? {});
  const typeName = draft.type?.name ?? draft.target?.modelName ?? '';
  const unknownField = (name: string) =>
    withKnownNames(`Note type "${typeName}" has no field "${echo(name)}".`, name, names);
  for (const [name, text] of Object.entries(note.fields ?? {})) {
    const field = exactName(name, names);
    if (field === undefined) draft.settle('invalid', unknownField(name));
    else if (Object.hasOwn(draft.fields, field))
      draft.settle('invalid', `The field "${field}" was passed twice.`);
    else {
      const { html, warnings } = await fieldHtml(text, input.markdown).catch((refusal: unknown) => {
        if (!(refusal instanceof TextRefused)) throw refusal;
        draft.settle('invalid', `Field "${field}": ${refusal.message}`);
        return { html: text, warnings: [] };
      });
      draft.fields = { ...draft.fields, [field]: html };
      if (draft.outcome) continue;
      draft.warnings.push(...warnings.map((warning) => `${field}: ${warning}`));
      draft.warnings.push(...warningsOf(field, html, input.markdown));
    }
  }
  for (const file of note.media ?? []) {
    const field = exactName(file.field, names);
    if (field === undefined) draft.settle('invalid', unknownField(file.field));
    else draft.media.push({ ...file, field, markup: markupOf(file.filename.toLowerCase()) });
  }
  for (const tag of (note.tags ?? []).filter((each) => /\S\s+\S/.test(each)))
    draft.warnings.push(`"${echo(tag)}" makes more than one tag`);
  return draft;
}

/** Sets type and deck of a note to add. Returns an error message if that is not possible. */
function prepareNew(
  draft: Draft,
  input: SaveInput,
  { decks, types, typeNames }: CollectionFacts,
): string | undefined {
  const { deckName = input.deckName, modelName = input.modelName, fields } = draft.input;
  if (modelName === undefined) return `A new note needs modelName. Known: ${someOf(typeNames)}.`;
  draft.type = types.get(modelName.toLowerCase());
  if (!draft.type)
    return withKnownNames(`Note type "${echo(modelName)}" does not exist.`, modelName, typeNames);
  if (deckName === undefined) return 'A new note needs deckName.';
  draft.deck = exactName(trimDeckName(deckName), decks);
  if (draft.deck === undefined && input.createDecks) draft.deck = trimDeckName(deckName);
  if (draft.deck === undefined) {
    return `${withKnownNames(`Deck "${echo(deckName)}" does not exist.`, deckName, decks)} createDecks: true creates it.`;
  }
  return fields === undefined ? 'A new note needs fields.' : undefined;
}

/** Sets the target of a note to update. Returns an error message if that is not possible. */
function prepareUpdate(draft: Draft, id: number, { notes, unread }: CollectionFacts): string | undefined {
  const { deckName, modelName, fields, tags, media } = draft.input;
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
