import { actions } from '../../contract/index.ts';
import { rule, ruleForEach } from './rule.ts';
import { counted, listed, shown, term, withCards } from './survey.ts';

export const deck = {
  deleteDecks: rule(actions.deleteDecks, async (calls, survey) => {
    const all = await survey.call('deckNames', {});
    const given = new Set(calls.flatMap(({ decks }) => decks));
    const decks = all.filter((name) => given.has(name));
    if (decks.length === 0) return [];
    const children = all.filter(
      (name) => !given.has(name) && decks.some((deck) => name.startsWith(`${deck}::`)),
    );
    const below = children.length > 0 ? ` and ${counted(children.length, 'child deck')}` : '';
    const searches = decks.map((name) => term('deck:', name));
    const deed = `Delete ${counted(decks.length, 'deck')} (${listed(decks)})${below} ${await withCards(survey, searches)}`;
    return [{ deed, searches }];
  }),

  removeDeckConfigId: ruleForEach(actions.removeDeckConfigId, async ({ configId }, survey) => {
    if (configId === 1) return undefined; // Anki keeps the default group
    const names = await survey.call('deckNames', {});
    const groups = await Promise.all(names.map((name) => survey.call('getDeckConfig', { deck: name })));
    // A filtered deck answers itself, with its own id.
    const isThis = (group: (typeof groups)[number] | undefined) => group !== false && group?.id === configId;
    const users = names.filter((_, index) => isThis(groups[index]));
    const group = groups.find(isThis);
    const named = group ? ` "${shown(group.name)}"` : ` ${configId}`;
    const used = users.length > 0 ? `${counted(users.length, 'deck')} (${listed(users)})` : 'no deck';
    return {
      deed: `Delete the deck options${named}, used by ${used}`,
      searches: users.map((name) => term('deck:', name)),
    };
  }),
};
