import { actions, type Output } from '../../contract/index.ts';
import type { JsonObject } from '../../lib/json.ts';
import { countOf, listNames, shorten } from '../../lib/wording.ts';
import { membersOf } from '../preset-members.ts';
import { find } from '../search-ids.ts';
import { inDecks, type DeckIds } from '../search-terms.ts';
import { rule, type Risk } from './rule.ts';
import type { Scan } from './scan.ts';

/** Options by which Anki calculates intervals of cards that were reviewed. Limits per day, orders and sounds are not among them. */
const schedules =
  /^(?:rev\.(?!perDay$|bury$)|lapse\.(?:mult|minInt)$|new\.(?:ints|initialFactor)$|desiredRetention$|sm2Retention$|fsrs|weightSearch$|ignoreRevlogsBeforeDate$|easyDaysPercentages$)/;

/** Returns the options of these that differ: "rev.ivlFct from 1 to 2". */
function scheduleChanges(before: JsonObject, after: JsonObject): string[] {
  const [old, wanted] = [membersOf(before), membersOf(after)];
  return [...old].flatMap(([path, value]) => {
    const next = wanted.get(path);
    const [from, to] = [JSON.stringify(value), next === undefined ? 'its default' : JSON.stringify(next)];
    return !schedules.test(path) || from === to ? [] : [`${path} from ${shorten(from)} to ${shorten(to)}`];
  });
}

/** Returns the risk of other options for the reviewed cards of these decks, without their child decks. */
export async function optionsRisk(
  scan: Scan,
  decks: readonly string[],
  before: JsonObject,
  after: JsonObject,
): Promise<Risk | undefined> {
  const changes = scheduleChanges(before, after);
  return changes.length > 0 ? riskFor(scan, decks, `change ${listNames(changes, 3)}`) : undefined;
}

async function riskFor(scan: Scan, decks: readonly string[], change: string): Promise<Risk | undefined> {
  const ids = await scan.call('deckNamesAndIds', {});
  const these: DeckIds = Object.fromEntries(decks.map((name) => [name, ids[name] ?? 0]));
  const searches = [`${inDecks(decks, these)} prop:reps>0`];
  const cards = await find(scan, 'findCards', searches);
  if (cards.length === 0) return undefined;
  return {
    kind: 'schedule',
    of: cards,
    searches,
    describe: () =>
      `Calculate future intervals of ${countOf(cards.length, 'reviewed card')} in ${countOf(decks.length, 'deck')} (${listNames(decks)}) differently: ${change}`,
  };
}

type Group = Exclude<Output<'getDeckConfig'>, false>;
type Groups = ReadonlyMap<string, Group>;

/** Returns the options group of each deck. Filtered decks have none. */
async function groupsOf({ call }: Scan): Promise<Groups> {
  const names = await call('deckNames', {});
  const groups = await Promise.all(names.map((deck) => call('getDeckConfig', { deck })));
  return new Map(
    groups.flatMap((group, at) =>
      group === false || group['dyn'] === 1 ? [] : [[names[at] ?? '', group] as const],
    ),
  );
}

/** Assesses each call with the options group of each deck, which is read once for all. */
async function forEachCall<P>(
  calls: readonly P[],
  scan: Scan,
  assess: (params: P, groups: Groups) => Promise<Risk | undefined>,
): Promise<readonly Risk[]> {
  const groups = await groupsOf(scan);
  const risks = await Promise.all(calls.map((params) => assess(params, groups)));
  return risks.filter((risk) => risk !== undefined);
}

export const deckOptions = {
  saveDeckConfig: rule(actions.saveDeckConfig, (calls, scan) =>
    forEachCall(calls, scan, async ({ config }, groups) => {
      const users = [...groups].filter(([, { id }]) => id === config.id);
      const [[, before] = []] = users;
      const decks = users.map(([name]) => name);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was sent as JSON
      return before && optionsRisk(scan, decks, before, config as JsonObject);
    }),
  ),

  setDeckConfigId: rule(actions.setDeckConfigId, (calls, scan) =>
    forEachCall(calls, scan, async ({ decks, configId }, groups) => {
      const target = [...groups.values()].find(({ id }) => id === configId);
      // The options of a group that no deck uses cannot be read, so they may be others.
      const moved = decks.filter((name) => {
        const group = groups.get(name);
        return group && group.id !== configId && (!target || scheduleChanges(group, target).length > 0);
      });
      const label = target ? `"${shorten(target.name)}"` : `${configId}, which no deck uses`;
      return moved.length > 0 ? riskFor(scan, moved, `use the deck options ${label}`) : undefined;
    }),
  ),
};
