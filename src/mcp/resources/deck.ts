import type { Output } from '../../contract/index.ts';
import { names } from '../prompts/completion.ts';
import { json, jsonContents, type Resource } from './resource.ts';
import { latestNotes } from './latest-notes.ts';
import type { Json } from '../../lib/json.ts';

type Stats = Output<'getDeckStats'>[string];
type Options = Output<'getDeckConfig'>;

export const deck: Resource = {
  uri: 'anki://deck/{name}',
  name: 'deck',
  title: 'Deck',
  description: "A deck: counts, options group, child decks, its latest notes. Name as Anki's, :: nests.",
  mimeType: json,
  names: names.decks,
  async read(context, name) {
    const { call } = context;
    const ids = new Map(Object.entries(await call('deckNamesAndIds', {})));
    const deckId = ids.get(name);
    // getDeckStats would make a deck of a name that does not exist.
    if (deckId === undefined) return undefined;
    const below = [...ids].filter(([other]) => other.startsWith(`${name}::`));
    const children = below.filter(([child]) => !child.slice(name.length + 2).includes('::'));
    const [stats, options, notes] = await Promise.all([
      call('getDeckStats', { decks: [name, ...children.map(([child]) => child)] }),
      call('getDeckConfig', { deck: name }),
      // By ids: names such as "current" and "filtered" mean something else in a search.
      call('findNotes', { query: `did:${[deckId, ...below.map(([, id]) => id)].join(',')}` }),
    ]);
    return jsonContents(
      {
        name,
        deckId,
        ...counts(stats[String(deckId)]),
        ...optionsOf(options),
        notes: notes.length,
        childDecks: children.map(([child, id]) => ({ name: child, ...counts(stats[String(id)]) })),
        decksBelow: below.length,
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
