import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import type { DeckEntry } from '../../../contract/engine/deck.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { exactName } from '../../../lib/exact-name.ts';
import { nearest } from '../../../lib/nearest.ts';
import { namesWithin } from '../../size.ts';
import { workflow, type Context } from '../../workflow.ts';
import { deckIn, isWithin } from '../deck-name.ts';
import { merge } from './merge.ts';
import { lastPart, requireName } from './names.ts';

const limit = z.int().refine((count) => count >= 0 && count <= 9999, 'From 0 to 9999');

const input = z.strictObject({
  action: z.enum(['rename', 'move', 'merge', 'preset', 'today']),
  deck: z.string(),
  to: z.string().optional().describe('New full name, parent (absent: the top), target deck or preset'),
  new: limit.nullable().optional(),
  reviews: limit.nullable().optional(),
});
type Input = z.output<typeof input>;

const output = z.looseObject({
  deck: z.string().describe('Full name afterwards'),
  was: z.string().optional(),
  decks: z.array(z.string()).optional().describe('It and its child decks'),
  cards: z.int().optional().describe('Moved'),
  removed: z.array(z.string()).optional(),
  preset: z.string().optional(),
  today: z.looseObject({ new: z.int().nullable(), reviews: z.int().nullable() }).optional(),
});

export const decks = workflow({
  title: 'Reorganize decks',
  description:
    'Renames a deck, moves it under another parent or merges it into another deck, all with child decks, history and options; assigns a preset; limits new cards and reviews of today (null: no limit of today). overview lists decks.',
  annotations: overwrites,
  needsEngine: true,
  input,
  output,
  async run(context, args) {
    const all = await context.operate('decks', {});
    const deck = deckIn(all, args.deck);
    if (args.action === 'today') {
      if (deck.isFiltered) throw new AnkiRefused(noOptions(deck.name));
      return { result: await limitToday(context, deck, args) };
    }
    const to = requireTo(args);
    if (args.action === 'merge') {
      const merged = await merge(context, deck.name, to);
      return { result: { ...merged, decks: namesWithin(merged.decks, context.budget / 3) } };
    }
    if (args.action === 'preset') {
      if (deck.isFiltered) throw new AnkiRefused(noOptions(deck.name));
      return { result: await assign(context, deck.name, to) };
    }
    const name = args.action === 'rename' ? to : under(to, deck, all);
    requireName(all, deck, name);
    const after = await context.operate('renameDeck', { id: deck.id, name });
    const now = after.find(({ id }) => id === deck.id)?.name ?? name;
    const names = after.flatMap((each) => (isWithin(each.name, now) ? [each.name] : []));
    return { result: { deck: now, was: deck.name, decks: namesWithin(names, context.budget / 3) } };
  },
});

/** Returns the full name of a deck below a parent, or at the top. */
const under = (parent: string, { name }: DeckEntry, all: readonly DeckEntry[]): string =>
  parent === '' ? lastPart(name) : `${deckIn(all, parent).name}::${lastPart(name)}`;

function requireTo({ action, to }: Input): string {
  if (to !== undefined) return to;
  if (action === 'move') return '';
  const what = {
    rename: 'the new full name',
    merge: 'the deck to merge into',
    preset: 'the preset',
    today: '',
  };
  throw new AnkiRefused(`Nothing was changed: ${action} needs to: ${what[action]}.`);
}

async function limitToday({ operate }: Context, deck: DeckEntry, { new: newCards, reviews }: Input) {
  if (newCards === undefined && reviews === undefined)
    throw new AnkiRefused('Nothing was changed: today needs new or reviews, a number of cards or null.');
  const limits = await operate('limitDeckToday', {
    id: deck.id,
    ...(newCards !== undefined && { newCards }),
    ...(reviews !== undefined && { reviews }),
  });
  return { deck: deck.name, today: { new: limits.newCards, reviews: limits.reviews } };
}

async function assign({ call, check, operate }: Context, deck: string, preset: string) {
  const presets = await operate('presets', {});
  const names = presets.map(({ name }) => name);
  const exact = exactName(preset, names);
  const found = presets.find(({ name }) => name === exact);
  if (!found) {
    const similar = nearest(preset, names);
    throw new AnkiRefused(
      `Nothing was changed: there is no preset "${echo(preset)}". ${similar === undefined ? `The presets are: ${echo(names.join(', '))}.` : `Did you mean "${similar}"?`}`,
    );
  }
  const params = { decks: [deck], configId: found.id };
  await check('setDeckConfigId', params);
  if (!(await call('setDeckConfigId', params)))
    throw new AnkiRefused(`"${deck}" kept its preset: Anki refused to assign "${found.name}".`);
  const config = await call('getDeckConfig', { deck });
  return { deck, preset: config === false ? found.name : config.name };
}

const noOptions = (deck: string): string =>
  `Nothing was changed: "${deck}" is a filtered deck, which has no preset and no limits of today.`;
