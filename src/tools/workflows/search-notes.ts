import { z } from 'zod';
import { reads } from '../../contract/action.ts';
import { cutToBytes, echo } from '../../lib/cut.ts';
import { limit as limitSchema, offset as offsetSchema } from '../action-call.ts';
import { statesOf } from '../card-text/card-state.ts';
import { excerpt, findWord, wordsIn } from '../card-text/excerpt.ts';
import { toText } from '../card-text/text.ts';
import { countWithin, maxResultBytes, sizeOf } from '../size.ts';
import { workflow, type Context } from '../workflow.ts';
import { cardDetail, readSchedules } from './card-details.ts';
import { joined } from '../joined.ts';
import { readNotes, type Note, type Unread } from '../reading.ts';
import { searchFor } from './search.ts';

const defaultLimit = 20;
/** Maximum result size in bytes without a limit. */
const defaultBytes = 9_000;
/** Bytes reserved for total and nextOffset, and maximum bytes of the note. */
const reservedBytes = 100;
const maxNoteBytes = 1_000;
const maxFields = 6;
/** Maximum characters of a field, by default and if the caller names fields. */
const maxCharacters = { default: 100, chosen: 4_000 };

const noteSummary = z.looseObject({
  id: z.int(),
  type: z.string(),
  deck: z.string(),
  tags: z.array(z.string()).optional(),
  fields: z.record(z.string(), z.string()),
  cards: z.record(z.string(), z.int()).describe('Number by state'),
  due: z.string().describe('Of the card that is due first'),
  cardDetails: z.array(cardDetail).optional(),
});

export const searchNotes = workflow({
  title: 'Search notes',
  description:
    "Finds notes by Anki's search syntax, newest first: type, deck, tags, texts around the match, cards by state, due date. An empty query finds all.",
  annotations: reads,
  input: z.strictObject({
    query: z.string(),
    fields: z.array(z.string()).optional().describe('Only these fields, up to 4,000 characters each'),
    html: z.boolean().optional().describe('Fields as stored'),
    cards: z.boolean().optional().describe('Also lists each card: state, due, ease'),
    limit: limitSchema.optional().describe(`Default ${defaultLimit}`),
    offset: offsetSchema.optional(),
  }),
  output: z.array(noteSummary),
  async run(context, { query, fields, html = false, cards = false, limit, offset = 0 }) {
    const reading = joined(context);
    const { found, hint } = await searchFor(context, 'findNotes', query);
    const page = found.toSorted((a, b) => b - a).slice(offset, offset + (limit ?? defaultLimit));
    const [{ notes, unread }, states] = await Promise.all([
      readNotes(reading, page),
      statesOf(reading, page),
    ]);
    const [decks, schedules] = await Promise.all([
      decksOf(reading, notes),
      readSchedules(reading, notes, states, cards),
    ]);
    const words = wordsIn(query);
    const total = found.length;
    const remarks = [
      ...remarksOnUnread(unread),
      ...remarksOnFields(notes, fields),
      ...(total === 0 ? [nothingFound(hint)] : []),
      ...(total > 0 && page.length === 0 ? [`There are only ${total} notes.`] : []),
    ];
    const remark = cutToBytes(remarks.join(' '), Math.min(maxNoteBytes, context.budget / 2));
    const bytes = limit === undefined ? Math.min(defaultBytes, context.budget) : maxResultBytes;
    const available = bytes - reservedBytes - sizeOf(remark);
    const summaryOf = (note: Note, length: number) => ({
      id: note.noteId,
      type: echo(note.modelName, length),
      deck: echo([...new Set(note.cards.map((card) => decks.get(card) ?? ''))].join(', '), length),
      ...(note.tags.length > 0 && { tags: note.tags.slice(0, length).map((tag) => echo(tag, length)) }),
      fields: fieldsOf(note, words, { chosen: fields, html, maxLength: length }),
      cards: states(note.cards),
      due: schedules.dueOf(note),
      ...(cards && { cardDetails: schedules.detailsOf(note, length).slice(0, length) }),
    });
    const summaries = notes.map((note) => {
      for (let length = maxCharacters.chosen; length > 8; length = Math.floor(length / 2)) {
        const summary = summaryOf(note, length);
        if (sizeOf(summary) + 1 <= available) return summary;
      }
      return summaryOf(note, 8);
    });
    const kept = summaries.slice(0, Math.max(1, countWithin(summaries, available)));
    const firstCut = notes[kept.length];
    const next = offset + (firstCut ? page.indexOf(firstCut.noteId) : page.length);
    return {
      result: kept,
      total,
      ...(next < total && { nextOffset: next }),
      ...(remarks.length > 0 && { note: remark }),
    };
  },
});

const nothingFound = (hint: string | undefined): string =>
  `No note was found. ${hint ?? 'Anki reports no error for unknown names. Names with spaces need quotes: deck:"My deck". overview lists decks, note types and tags.'}`;

async function decksOf({ call }: Context, notes: readonly Note[]): Promise<Map<number, string>> {
  const cards = notes.flatMap((note) => note.cards);
  const decks = cards.length > 0 ? await call('getDecks', { cards }) : {};
  return new Map(Object.entries(decks).flatMap(([name, ids]) => ids.map((id) => [id, name] as const)));
}

interface Shown {
  /** Names of fields. */
  readonly chosen: readonly string[] | undefined;
  readonly html: boolean;
  /** Maximum number of fields, and maximum characters of each. */
  readonly maxLength: number;
}

/** Returns the chosen fields, or the first few non-empty ones and those with a match, as text around the match. */
function fieldsOf(
  note: Note,
  words: readonly string[],
  { chosen, html, maxLength }: Shown,
): Record<string, string> {
  const selected = chosen?.map((name) => name.toLowerCase());
  const all = Object.entries(note.fields)
    .toSorted(([, a], [, b]) => a.order - b.order)
    .filter(([name]) => selected?.includes(name.toLowerCase()) ?? true)
    .map(([name, { value }]) => ({ name, text: html ? value : toText(value) }))
    .filter(({ text }) => text !== '' || selected !== undefined)
    .map((field) => ({ ...field, position: findWord(field.text, words) }));
  const length = Math.min(selected || html ? maxCharacters.chosen : maxCharacters.default, maxLength);
  const shown = all
    .filter(({ position }, index) => selected || html || index < maxFields || position >= 0)
    .slice(0, maxLength);
  const hidden = all.length - shown.length;
  return {
    ...Object.fromEntries(
      shown.map(({ name, text, position }) => [
        echo(name),
        html ? cutHtml(text, length) : excerpt(text, length, position),
      ]),
    ),
    ...(hidden > 0 && { '…': `${hidden} more` }),
  };
}

/** Nobody should write a cut field back, so it says how much is missing. */
const cutHtml = (html: string, length: number): string =>
  html.length <= length
    ? html
    : `${html.slice(0, length).toWellFormed()}… (cut: notesInfo returns all ${html.length} characters)`;

function remarksOnUnread(unread: readonly Unread[]): string[] {
  if (unread.length === 0) return [];
  const listed = unread.slice(0, 5).map(({ id, reason }) => `${id} (${reason})`);
  return [`Left out: ${listed.join(', ')}${unread.length > 5 ? ` and ${unread.length - 5} more` : ''}.`];
}

/** A chosen field that none of the notes has is most likely misspelt. */
function remarksOnFields(notes: readonly Note[], chosen: readonly string[] = []): string[] {
  const names = new Set(notes.flatMap(({ fields }) => Object.keys(fields)));
  const known = new Set([...names].map((name) => name.toLowerCase()));
  return chosen
    .filter((name) => notes.length > 0 && !known.has(name.toLowerCase()))
    .map(
      (name) =>
        `None of these notes has a field "${echo(name)}". Their fields: ${echo([...names].join(', '))}.`,
    );
}
