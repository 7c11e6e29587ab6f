import { actions, type ActionName } from '../../contract/index.ts';
import { card } from './card.ts';
import { deck } from './deck.ts';
import { media } from './media.ts';
import { misc } from './misc.ts';
import { model } from './model.ts';
import { note } from './note.ts';
import type { Risk, Rule } from './rule.ts';
import type { Survey } from './survey.ts';

const named = { ...deck, ...model, ...note };
const rules: Readonly<Partial<Record<ActionName, Rule>>> = { ...card, ...media, ...misc, ...named };

interface Call {
  readonly name: string;
  readonly params: unknown;
}

/** The calls that a call consists of: itself, or those of a batch and of the batches within it. */
export function callsOf(name: string, params: unknown): readonly Call[] {
  if (name !== 'multi') return [{ name, params }];
  const children = actions.multi.input.parse(params).actions;
  return children.flatMap((child) => callsOf(child.action, child.params ?? {}));
}

/** What the calls risk, and nothing where no rule knows any of them. */
export async function risksOf(calls: readonly Call[], survey: Survey): Promise<readonly Risk[]> {
  const judged = Object.entries(rules).map(async ([name, judge]) => {
    const own = calls.filter((call) => call.name === name).map(({ params }) => params);
    if (own.length === 0) return [];
    const risks = await judge(own, survey);
    // What has this name may come to be only by the calls before it.
    const open = risks.length === 0 && own.length < calls.length && Object.hasOwn(named, name);
    return open ? [{ deed: `${name}, on what the rest of this batch brings about`, searches: [] }] : risks;
  });
  return (await Promise.all(judged)).flat();
}
