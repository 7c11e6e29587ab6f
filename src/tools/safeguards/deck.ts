import { actions } from '../../contract/index.ts';
import { foldCase } from '../../lib/exact-name.ts';
import { childDecks, inDecks } from '../search-terms.ts';
import { rule, ruleForEach, type ActionCall } from './rule.ts';
import { countOf, listNames, shorten } from '../../lib/wording.ts';
import { withCards } from './scan.ts';
import { withIds } from '../search-ids.ts';

/** Returns the moves of a batch into these decks or their child decks. They may come before the decks are deleted. */
function movesInto(names: ReadonlySet<string>, batch: readonly ActionCall[]) {
  const keys = [...names].map(foldCase);
  return batch
    .filter(({ name }) => name === 'changeDeck')
    .map(({ params }) => actions.changeDeck.input.parse(params))
    .filter(({ deck: target }) =>
      keys.some((key) => foldCase(target) === key || foldCase(target).startsWith(`${key}::`)),
    );
}

export const deck = {
  deleteDecks: rule(actions.deleteDecks, async (calls, scan, batch) => {
    const ids = await scan.call('deckNamesAndIds', {});
    const wanted = new Set(calls.flatMap(({ decks }) => decks));
    const moves = movesInto(wanted, batch);
    const existing = Object.keys(ids);
    const all = [...new Set([...existing, ...moves.map(({ deck: target }) => target)])];
    const decks = all.filter((name) => wanted.has(name));
    if (decks.length === 0) return [];
    const below = new Set(decks.flatMap((name) => childDecks(name, all)));
    const children = [...below].filter((name) => !wanted.has(name));
    const withChildren = children.length > 0 ? ` and ${countOf(children.length, 'child deck')}` : '';
    const moved = withIds('cid:', [...new Set(moves.flatMap(({ cards }) => cards))]);
    const present = decks.filter((name) => existing.includes(name));
    const searches = [...(present.length > 0 ? [inDecks(present, ids)] : []), ...moved];
    return [
      {
        kind: 'deletes',
        of: [...decks, ...children],
        searches,
        describe: async () =>
          `Delete ${countOf(decks.length, 'deck')} (${listNames(decks)})${withChildren} ${await withCards(scan, searches)}`,
      },
    ];
  }),

  removeDeckConfigId: ruleForEach(actions.removeDeckConfigId, async ({ configId }, scan) => {
    if (configId === 1) return undefined; // Anki never deletes the default group
    const ids = await scan.call('deckNamesAndIds', {});
    const names = Object.keys(ids);
    const groups = await Promise.all(names.map((name) => scan.call('getDeckConfig', { deck: name })));
    // For a filtered deck, getDeckConfig returns the deck itself, with its own id.
    const isThis = (group: (typeof groups)[number] | undefined) => group !== false && group?.id === configId;
    const users = names.filter((_, index) => isThis(groups[index]));
    const group = groups.find(isThis);
    const label = group ? ` "${shorten(group.name)}"` : ` ${configId}`;
    const used = users.length > 0 ? `${countOf(users.length, 'deck')} (${listNames(users)})` : 'no deck';
    return {
      kind: 'deletes',
      of: [configId, ...users],
      searches: users.length > 0 ? [inDecks(users, ids)] : [],
      describe: () => `Delete the deck options${label}, used by ${used}`,
    };
  }),
};
