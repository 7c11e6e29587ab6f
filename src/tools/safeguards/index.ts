import { actions, type ActionName } from '../../contract/index.ts';
import { card } from './card.ts';
import { deck } from './deck.ts';
import { deckOptions } from './deck-options.ts';
import { fullSync } from './full-sync.ts';
import { attachments, media } from './media.ts';
import { misc } from './misc.ts';
import { design, model } from './model.ts';
import { edits, note } from './note.ts';
import { reviews } from './reviews.ts';
import type { ActionCall, Risk, Rule } from './rule.ts';
import type { Scan } from './scan.ts';

export { questionOf } from './question.ts';
export { stateOf } from './state.ts';
export { Tally } from './tally.ts';

/** Rules of actions that name what they change. */
const byName = { ...deck, ...model, ...note };
type Rules = Readonly<Partial<Record<ActionName, Rule>>>;
/** All rules. An action may have one in each group. */
const groups: readonly Rules[] = [
  { ...card, ...deckOptions, ...media, ...misc, ...design, ...edits, ...reviews, ...byName },
  attachments,
  fullSync,
];

/** Returns the call itself, or the calls of a batch and of nested batches. */
export function callsOf(name: string, params: unknown): readonly ActionCall[] {
  if (name !== 'multi') return [{ name, params }];
  const children = actions.multi.input.parse(params).actions;
  return children.flatMap((child) => callsOf(child.action, child.params ?? {}));
}

/** Returns true if one of the calls has a rule. */
export const hasRule = (calls: readonly ActionCall[]): boolean =>
  calls.some(({ name }) => groups.some((rules) => Object.hasOwn(rules, name)));

/** Returns the risks of the calls; none if no rule applies. */
export async function risksOf(calls: readonly ActionCall[], scan: Scan): Promise<readonly Risk[]> {
  const risks = groups.flatMap((rules) =>
    Object.entries(rules).map(async ([name, ruleOf]) => {
      const paramsList = calls.filter((call) => call.name === name).map(({ params }) => params);
      if (paramsList.length === 0) return [];
      const found = await ruleOf(paramsList, scan, calls);
      // Earlier calls of the batch may create what this call changes.
      const isUnknown = found.length === 0 && paramsList.length < calls.length && Object.hasOwn(byName, name);
      return isUnknown && rules === groups[0] ? [unknownRisk(name)] : found;
    }),
  );
  return (await Promise.all(risks)).flat();
}

const unknownRisk = (name: string): Risk => ({
  kind: 'deletes',
  of: [name],
  searches: [],
  describe: () =>
    `Run ${name} after other changes of the same batch (the affected cards cannot be counted in advance)`,
});
