import { type Json, own } from '../../../lib/json.ts';
import { nearest } from '../../../lib/nearest.ts';
import { cleanText, convertMath, markdownToHtml, partBraces } from '../../card-text/html.ts';
import { fieldNames, type NoteType, warningsOf } from '../lint.ts';
import type { Note } from '../reading.ts';
import type { GivenMedia, GivenNote, SaveInput } from './save-input.ts';

export type Outcome =
  | 'created'
  | 'updated'
  | 'unchanged'
  | 'duplicate'
  | 'invalid'
  | 'failed'
  | 'unknown'
  | 'unverified';

/** What the collection has, as far as the notes to save are concerned. */
export interface Surroundings {
  readonly decks: readonly string[];
  readonly typeNames: readonly string[];
  /** By the name given, in lower case; more are added by exact name. */
  readonly types: Map<string, NoteType>;
  readonly notes: ReadonlyMap<number, Note>;
  readonly unread: ReadonlyMap<number, string>;
}

/** A media file of a note; its stored name is known once it is stored. */
export interface DraftMedia extends GivenMedia {
  markup: string;
}

/** A note on its way into the collection. It is settled once it has an outcome. */
export class Draft {
  readonly at: number;
  readonly given: GivenNote;
  /** By exact names, as HTML. */
  fields: Record<string, string> = {};
  tags: readonly string[] | undefined;
  media: DraftMedia[] = [];
  deck: string | undefined;
  type: NoteType | undefined;
  /** The note to update; without one, a note is added. */
  target: Note | undefined;
  outcome: Outcome | undefined;
  id: number | undefined;
  why: string | undefined;
  /** The draft of the same call that this one is a duplicate of. */
  twin: Draft | undefined;
  warnings: string[] = [];

  constructor(given: GivenNote, at: number) {
    this.given = given;
    this.at = at;
    this.tags = given.tags;
    this.id = given.id;
  }

  settle(outcome: Outcome, why?: string): void {
    this.outcome = outcome;
    this.why = why;
  }

  /** The fields as they are to be, those that stay as they are included. */
  get whole(): Record<string, string> {
    const old = Object.entries(this.target?.fields ?? {}).map(([name, { value }]) => [name, value]);
    return { ...Object.fromEntries(old), ...this.fields };
  }

  /** The fields with their media. */
  withMedia(): Record<string, string> {
    let { fields } = this;
    for (const { field, markup } of this.media) {
      const value = own(fields, field) ?? own(this.target?.fields ?? {}, field)?.value ?? '';
      fields = { ...fields, [field]: value.includes(markup) ? value : value + markup };
    }
    return fields;
  }

  toJson(dryRun: boolean): { readonly [key: string]: Json | undefined } {
    const given = Object.values(this.given.fields ?? {});
    const converted = Object.entries(this.fields).filter(([, html]) => !given.includes(html));
    const id = this.twin?.id ?? this.id;
    return {
      outcome: this.outcome ?? 'failed',
      ...(id !== undefined && { id }),
      ...(this.twin && { sameAs: `notes[${this.twin.at}]` }),
      ...(this.why !== undefined && { why: this.why }),
      ...(this.warnings.length > 0 && { warnings: this.warnings }),
      ...(dryRun && converted.length > 0 && { html: Object.fromEntries(converted) }),
    };
  }
}

const inAnyCase = (name: string): string => name.normalize('NFC').toLowerCase();

const exact = (name: string, names: readonly string[]): string | undefined =>
  names.includes(name) ? name : names.find((each) => inAnyCase(each) === inAnyCase(name));

/** Anki trims each level. */
const trimmedDeck = (name: string): string =>
  name
    .split('::')
    .map((level) => level.trim())
    .join('::');

function unknownName(what: string, name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  if (meant !== undefined) return `${what} "${name}"; did you mean "${meant}"?`;
  return `${what} "${name}"; there are ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`;
}

async function toHtml(given: string, markdown: boolean | undefined): Promise<string> {
  const text = cleanText(given);
  return partBraces(markdown ? await markdownToHtml(text) : convertMath(text));
}

const pictures = /\.(png|jpe?g|gif|webp|svg|avif|bmp|ico|tiff?|jxl|heic)$/i;

/** What shows a media file in a field. */
export const markupOf = (name: string, isPicture = pictures.test(name)): string =>
  isPicture ? `<img src="${name.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">` : `[sound:${name}]`;

/** Reads a note against what the collection has. A fault settles it. */
export async function draftOf(
  given: GivenNote,
  at: number,
  input: SaveInput,
  known: Surroundings,
): Promise<Draft> {
  const draft = new Draft(given, at);
  const fault = given.id === undefined ? placeNew(draft, input, known) : placeOld(draft, given.id, known);
  if (fault !== undefined) {
    draft.settle('invalid', fault);
    return draft;
  }
  const names = draft.type ? fieldNames(draft.type) : Object.keys(draft.target?.fields ?? {});
  const typeName = draft.type?.name ?? draft.target?.modelName ?? '';
  for (const [name, text] of Object.entries(given.fields ?? {})) {
    const field = exact(name, names);
    if (field === undefined) draft.settle('invalid', unknownName(`${typeName} has no field`, name, names));
    else if (Object.hasOwn(draft.fields, field))
      draft.settle('invalid', `The field "${field}" is given twice.`);
    else {
      const html = await toHtml(text, input.markdown);
      draft.fields = { ...draft.fields, [field]: html };
      draft.warnings.push(...warningsOf(field, html));
    }
  }
  for (const file of given.media ?? []) {
    const field = exact(file.field, names);
    if (field === undefined)
      draft.settle('invalid', unknownName(`${typeName} has no field`, file.field, names));
    else draft.media.push({ ...file, field, markup: markupOf(file.filename.toLowerCase()) });
  }
  for (const tag of (given.tags ?? []).filter((each) => /\S\s+\S/.test(each)))
    draft.warnings.push(`"${tag}" makes more than one tag`);
  return draft;
}

function placeNew(
  draft: Draft,
  input: SaveInput,
  { decks, types, typeNames }: Surroundings,
): string | undefined {
  const { deckName = input.deckName, modelName = input.modelName, fields } = draft.given;
  if (modelName === undefined) return `A new note needs modelName; there are ${typeNames.join(', ')}.`;
  draft.type = types.get(modelName.toLowerCase());
  if (!draft.type) return unknownName('There is no note type', modelName, typeNames);
  if (deckName === undefined) return 'A new note needs deckName.';
  draft.deck = exact(trimmedDeck(deckName), decks);
  if (draft.deck === undefined && input.createDecks) draft.deck = trimmedDeck(deckName);
  if (draft.deck === undefined) {
    return `${unknownName('There is no deck', deckName, decks)} createDecks: true makes it.`;
  }
  return fields === undefined ? 'A new note needs fields.' : undefined;
}

function placeOld(draft: Draft, id: number, { notes, unread }: Surroundings): string | undefined {
  const { deckName, modelName, fields, tags, media } = draft.given;
  draft.target = notes.get(id);
  if (!draft.target) return `Note ${id} cannot be updated: ${unread.get(id) ?? 'no such note'}.`;
  if (modelName !== undefined && inAnyCase(modelName) !== inAnyCase(draft.target.modelName)) {
    return `The note's type is ${draft.target.modelName}; updateNoteModel changes it.`;
  }
  if (deckName !== undefined) draft.warnings.push('deckName is for new notes; changeDeck moves cards');
  return fields === undefined && tags === undefined && media === undefined
    ? 'There is nothing to change: give fields, tags or media.'
    : undefined;
}
