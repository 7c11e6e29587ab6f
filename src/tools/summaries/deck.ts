import { everything } from '../search-terms.ts';
import { countOf } from '../../lib/wording.ts';
import { summary } from './rule.ts';
import { quoted, sentence } from './words.ts';

export const deck = {
  createDeck: summary('createDeck', {
    observe: async (_, call) => call('deckNames', {}),
    describe: ({ before, after }) => {
      const made = after.filter((name) => !before.includes(name));
      return made.length === 0
        ? 'The deck existed already: nothing was changed.'
        : sentence(`created the ${made.length === 1 ? 'deck' : 'decks'} ${quoted(made)}`);
    },
  }),

  deleteDecks: summary('deleteDecks', {
    observe: async (_, call) => {
      const [names, cards] = await Promise.all([
        call('deckNames', {}),
        call('findCards', { query: everything }),
      ]);
      return { names, cards: cards.length };
    },
    describe: ({ params: { decks }, before, after }) => {
      const deleted = before.names.filter((name) => !after.names.includes(name));
      const unknown = decks.filter((name) => !before.names.includes(name));
      return sentence(
        `deleted ${countOf(deleted.length, 'deck')} with ${countOf(before.cards - after.cards, 'card')}`,
        unknown.length > 0 ? `no deck has the name ${quoted(unknown)}` : undefined,
      );
    },
  }),
};
