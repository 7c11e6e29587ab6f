import type { Output } from '../../contract/index.ts';
import { inDecks } from '../../tools/search-terms.ts';
import { collectionNames } from '../completion.ts';
import { json, jsonContents, type Resource } from './resource.ts';
import { latestNotes } from './latest-notes.ts';
import type { Json } from '../../lib/json.ts';

type Stats = Output<'getDeckStats'>[string];
type Options = Output<'getDeckConfig'>;

export const deck: Resource = {
  uri: 'anki://deck/{name}',
  name: 'deck',
  title: 'Deck',
  description: 'A deck: counts, options group, child decks, latest notes. Full name, levels separated by ::.',
  mimeType: json,
  names: collectionNames.decks,
  async read(context, name) {
    const { call } = context;
    const ids = new Map(Object.entries(await call('deckNamesAndIds', {})));
    const deckId = ids.get(name);
    // getDeckStats would create a deck that does not exist.
    if (deckId === undefined) return undefined;
    const descendants = [...ids].filter(([other]) => other.startsWith(`${name}::`));
    const children = descendants.filter(([child]) => !child.slice(name.length + 2).includes('::'));
    const [stats, options, notes] = await Promise.all([
      call('getDeckStats', { decks: [name, ...children.map(([child]) => child)] }),
      call('getDeckConfig', { deck: name }),
      call('findNotes', { query: inDecks([name], Object.fromEntries(ids)) }),
    ]);
    return jsonContents(
      {
        name,
        deckId,
        ...counts(stats[String(deckId)]),
        ...optionsOf(options),
        notes: notes.length,
        childDecks: children.map(([child, id]) => ({ name: child, ...counts(stats[String(id)]) })),
        decksBelow: descendants.length,
        latestNotes: await latestNotes(context, notes),
      },
      context,
    );
  },
};

const counts = (stats: Stats | undefined): { readonly [key: string]: Json } => ({
  new: stats?.new_count ?? 0,
  learning: stats?.learn_count ?? 0,
  due: stats?.review_count ?? 0,
  cardsWithoutChildDecks: stats?.total_in_deck ?? 0,
});

const optionsOf = (options: Options): { readonly [key: string]: Json } => {
  if (options === false) return {};
  return options['dyn'] === 1 ? { filtered: true } : { optionsGroup: options.name };
};
