import { z } from 'zod';
import { echo } from '../../lib/cut.ts';
import { stateOf, type States } from '../card-text/card-state.ts';
import type { Context, Data } from '../workflow.ts';
import { dueDates } from './due-dates.ts';
import { readManyCards, type Card, type Note, type NoteType } from '../reading.ts';

export const cardDetail = z.looseObject({
  id: z.int(),
  template: z.string().optional(),
  state: z.string().optional(),
  deck: z.string().optional(),
  due: z.string().optional(),
  interval: z.int().optional().describe('Days'),
  ease: z.number().optional(),
  stability: z.string().optional().describe('FSRS'),
  lapses: z.int().optional(),
  unread: z.string().optional().describe('Why the card cannot be read'),
});

type CardDetail = Data<typeof cardDetail>;

interface Schedules {
  /** Returns when the first card of the note is due, in words. */
  dueOf(note: Note): string;
  detailsOf(note: Note, maxLength: number): CardDetail[];
}

/** Reads the schedules of these notes: of all their cards if `all`, otherwise only of those that have a due date. */
export async function readSchedules(
  context: Context,
  notes: readonly Note[],
  states: (cards: readonly number[]) => States,
  all: boolean,
): Promise<Schedules> {
  const ids = notes.flatMap((note) => note.cards);
  const [{ cards, unread }, types, stabilities] = await Promise.all([
    readManyCards(context, all ? ids : ids.filter((id) => hasDueDate(states([id])))),
    all ? typesOf(context, notes) : [],
    all ? stabilitiesOf(context, notes) : new Map<number, string>(),
  ]);
  const dueDate = await dueDates(context, cards);
  const byId = new Map(cards.map((card) => [card.cardId, card]));
  const reasons = new Map(unread.map(({ id, reason }) => [id, reason]));
  const detailOf = (id: number, length: number): CardDetail => {
    const card = byId.get(id);
    if (!card) return { id, unread: echo(reasons.get(id) ?? 'no such card', length) };
    const stability = stabilities.get(id);
    const state = stateOf(card);
    return {
      id,
      template: echo(templateOf(card, types), length),
      ...(state !== undefined && { state }),
      deck: echo(card.deckName, length),
      due: dueDate(card).words,
      ...(card.type > 0 && { interval: card.interval }),
      ...(card.factor > 0 && { ease: card.factor / 1000 }),
      ...(stability !== undefined && { stability }),
      lapses: card.lapses,
    };
  };
  return {
    dueOf(note) {
      const [soonest] = note.cards
        .flatMap((id) => byId.get(id) ?? [])
        .map(dueDate)
        .filter(({ days }) => days !== undefined)
        .toSorted((a, b) => (a.days ?? 0) - (b.days ?? 0));
      return soonest?.words ?? withoutDate(note.cards.map((id) => states([id])));
    },
    detailsOf: (note, length) => note.cards.map((id) => detailOf(id, length)),
  };
}

const isActive = (state: States): boolean => !state['suspended'] && !state['buried'];
const hasDueDate = (state: States): boolean => isActive(state) && !state['new'];

/** Says why a note has no due date, by the states of its cards. */
function withoutDate(cards: readonly States[]): string {
  const active = cards.filter(isActive);
  if (active.length > 0) return active.some((state) => state['new']) ? 'new' : 'unknown';
  return cards.some((state) => state['buried']) ? 'buried' : 'suspended';
}

async function typesOf({ call }: Context, notes: readonly Note[]): Promise<readonly NoteType[]> {
  const modelNames = [...new Set(notes.map(({ modelName }) => modelName))];
  return modelNames.length > 0 ? call('findModelsByName', { modelNames }) : [];
}

/** A cloze type has one template for all cards: they are numbered. */
function templateOf({ modelName, ord }: Card, types: readonly NoteType[]): string {
  const type = types.find(({ name }) => name === modelName);
  const [first] = type?.tmpls ?? [];
  return type?.type === 1 ? `${first?.name ?? ''} ${ord + 1}` : (type?.tmpls[ord]?.name ?? `card ${ord + 1}`);
}

const stabilityDays = [1, 7, 21, 90, 365];

/** Returns the range of each card's stability in days. Only searches know it, and only with FSRS. */
async function stabilitiesOf({ call }: Context, notes: readonly Note[]): Promise<Map<number, string>> {
  if (notes.length === 0) return new Map();
  const nid = `nid:${notes.map(({ noteId }) => noteId).join(',')}`;
  const ranges = await Promise.all(
    ['prop:s>0', ...stabilityDays.map((days) => `prop:s>=${days}`)].map(async (search, index) => {
      const [from, to] = [stabilityDays[index - 1], stabilityDays[index]];
      const words =
        from === undefined ? 'under 1 day' : to === undefined ? `over ${from} days` : `${from} to ${to} days`;
      return (await call('findCards', { query: `${nid} ${search}` })).map((id) => [id, words] as const);
    }),
  );
  return new Map(ranges.flat());
}
