import { actions } from '../../contract/index.ts';
import { inDecks } from '../search-terms.ts';
import type { Kind } from './kinds.ts';
import { rule, type Risk } from './rule.ts';
import { withSamples } from './sample.ts';
import { countOf, listNames } from '../../lib/wording.ts';
import { find, withIds } from '../search-ids.ts';
import { reviewedShare, type Scan } from './scan.ts';

const maxSampled = 20;
/** Maximum number of cards that one call may answer like a study session: a few at a time, without a limit in all. */
const maxStudied = 5;

/** Returns the risk of changing cards, if any of them exist and meet the condition. */
async function onCards(
  scan: Scan,
  kind: Kind,
  ids: readonly number[],
  sentence: (cards: string) => string,
  condition = '',
): Promise<Risk[]> {
  const wanted = withIds('cid:', [...new Set(ids)]).map((search) => `${search} ${condition}`.trim());
  const cards = await find(scan, 'findCards', wanted);
  if (cards.length === 0) return [];
  const searches = withIds('cid:', cards);
  const describe = async () => {
    const notes = await scan.call('cardsToNotes', { cards: cards.slice(0, maxSampled) });
    const [texts, share] = await Promise.all([withSamples(scan, notes), reviewedShare(scan, searches)]);
    return sentence(`${countOf(cards.length, 'card')}${texts}, ${share},`);
  };
  return [{ kind, of: cards, searches, describe }];
}

const allCards = (calls: readonly { readonly cards: readonly number[] }[]): number[] =>
  calls.flatMap(({ cards }) => cards);

export const card = {
  forgetCards: rule(actions.forgetCards, (calls, scan) =>
    onCards(
      scan,
      'schedule',
      allCards(calls),
      (cards) => `Make ${cards} new again, which deletes their schedule`,
    ),
  ),
  relearnCards: rule(actions.relearnCards, (calls, scan) =>
    onCards(scan, 'schedule', allCards(calls), (cards) => `Put ${cards} into relearning`),
  ),
  setDueDate: rule(actions.setDueDate, (calls, scan) =>
    onCards(
      scan,
      'schedule',
      allCards(calls),
      (cards) => `Make ${cards} due in ${listNames([...new Set(calls.map(({ days }) => days))])} days`,
    ),
  ),
  setEaseFactors: rule(actions.setEaseFactors, (calls, scan) =>
    onCards(scan, 'schedule', allCards(calls), (cards) => `Give ${cards} different ease factors`),
  ),
  setSpecificValueOfCard: rule(actions.setSpecificValueOfCard, async (calls, scan) => {
    const isFlag = ({ keys }: { readonly keys: readonly string[] }) => keys.every((key) => key === 'flags');
    const ids = (flags: boolean) => calls.filter((call) => isFlag(call) === flags).map((call) => call.card);
    const risks = await Promise.all([
      onCards(scan, 'schedule', ids(false), (cards) => `Overwrite stored values of ${cards} directly`),
      onCards(scan, 'moves', ids(true), (cards) => `Change the flags of ${cards}`),
    ]);
    return risks.flat();
  }),
  answerCards: rule(actions.answerCards, async (calls, scan) => {
    const ids = new Set(calls.flatMap(({ answers }) => answers.map(({ cardId }) => cardId)));
    if (ids.size <= maxStudied) return [];
    return onCards(scan, 'answers', [...ids], (cards) => `Answer ${cards} as if you had reviewed them`);
  }),
  suspend: rule(actions.suspend, async (calls, scan) => {
    const ids = (wanted: boolean) => allCards(calls.filter(({ suspend = true }) => suspend === wanted));
    const risks = await Promise.all([
      onCards(scan, 'moves', ids(true), (cards) => `Suspend ${cards}`, '-is:suspended'),
      onCards(scan, 'moves', ids(false), (cards) => `Unsuspend ${cards}`, 'is:suspended'),
    ]);
    return risks.flat();
  }),
  unsuspend: rule(actions.unsuspend, (calls, scan) =>
    onCards(scan, 'moves', allCards(calls), (cards) => `Unsuspend ${cards}`, 'is:suspended'),
  ),
  changeDeck: rule(actions.changeDeck, async (calls, scan) => {
    const decks = await scan.call('deckNamesAndIds', {});
    const names = [...new Set(calls.map(({ deck }) => deck))];
    const risks = names.map((deck) => {
      const here = Object.hasOwn(decks, deck) ? `-${inDecks([deck], { [deck]: decks[deck] ?? 0 })}` : '';
      const sentence = (cards: string) => `Move ${cards} to ${listNames([deck])}`;
      return onCards(scan, 'moves', allCards(calls.filter((call) => call.deck === deck)), sentence, here);
    });
    return (await Promise.all(risks)).flat();
  }),
};
