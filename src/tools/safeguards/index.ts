import { actions, type ActionName } from '../../contract/index.ts';
import { card } from './card.ts';
import { deck } from './deck.ts';
import { media } from './media.ts';
import { misc } from './misc.ts';
import { model } from './model.ts';
import { note } from './note.ts';
import type { Risk, Rule } from './rule.ts';
import type { Scan } from './scan.ts';

/** Rules of actions that name what they change. */
const byName = { ...deck, ...model, ...note };
const rules: Readonly<Partial<Record<ActionName, Rule>>> = { ...card, ...media, ...misc, ...byName };

interface ActionCall {
  readonly name: string;
  readonly params: unknown;
}

/** Returns the call itself, or the calls of a batch and of nested batches. */
export function callsOf(name: string, params: unknown): readonly ActionCall[] {
  if (name !== 'multi') return [{ name, params }];
  const children = actions.multi.input.parse(params).actions;
  return children.flatMap((child) => callsOf(child.action, child.params ?? {}));
}

/** Returns the risks of the calls; none if no rule applies. */
export async function risksOf(calls: readonly ActionCall[], scan: Scan): Promise<readonly Risk[]> {
  const results = Object.entries(rules).map(async ([name, ruleOf]) => {
    const paramsList = calls.filter((call) => call.name === name).map(({ params }) => params);
    if (paramsList.length === 0) return [];
    const risks = await ruleOf(paramsList, scan);
    // Earlier calls of the batch may create what this call changes.
    const isUnknown = risks.length === 0 && paramsList.length < calls.length && Object.hasOwn(byName, name);
    return isUnknown
      ? [
          {
            consequence: `Run ${name} after other changes of the same batch (the affected cards cannot be counted in advance)`,
            searches: [],
          },
        ]
      : risks;
  });
  return (await Promise.all(results)).flat();
}
