import { actions } from '../../contract/index.ts';
import { rule, ruleForEach } from './rule.ts';
import { countOf, listNames, shorten, withCards } from './scan.ts';
import { term } from '../search-terms.ts';

export const deck = {
  deleteDecks: rule(actions.deleteDecks, async (calls, scan) => {
    const all = await scan.call('deckNames', {});
    const wanted = new Set(calls.flatMap(({ decks }) => decks));
    const decks = all.filter((name) => wanted.has(name));
    if (decks.length === 0) return [];
    const children = all.filter(
      (name) => !wanted.has(name) && decks.some((deck) => name.startsWith(`${deck}::`)),
    );
    const below = children.length > 0 ? ` and ${countOf(children.length, 'child deck')}` : '';
    const searches = decks.map((name) => term('deck:', name));
    const consequence = `Delete ${countOf(decks.length, 'deck')} (${listNames(decks)})${below} ${await withCards(scan, searches)}`;
    return [{ consequence, searches }];
  }),

  removeDeckConfigId: ruleForEach(actions.removeDeckConfigId, async ({ configId }, scan) => {
    if (configId === 1) return undefined; // Anki never deletes the default group
    const names = await scan.call('deckNames', {});
    const groups = await Promise.all(names.map((name) => scan.call('getDeckConfig', { deck: name })));
    // For a filtered deck, getDeckConfig returns the deck itself, with its own id.
    const isThis = (group: (typeof groups)[number] | undefined) => group !== false && group?.id === configId;
    const users = names.filter((_, index) => isThis(groups[index]));
    const group = groups.find(isThis);
    const label = group ? ` "${shorten(group.name)}"` : ` ${configId}`;
    const used = users.length > 0 ? `${countOf(users.length, 'deck')} (${listNames(users)})` : 'no deck';
    return {
      consequence: `Delete the deck options${label}, used by ${used}`,
      searches: users.map((name) => term('deck:', name)),
    };
  }),
};
