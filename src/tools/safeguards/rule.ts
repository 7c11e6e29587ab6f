import type { z } from 'zod';
import type { Kind } from './kinds.ts';
import type { Scan } from './scan.ts';

/** What the calls of one action would take away. */
export interface Risk {
  readonly kind: Kind;
  /** Ids or names of what would be changed or deleted. */
  readonly of: readonly (number | string)[];
  /** Searches that find the affected cards. Undefined if a backup does not contain what is lost. */
  readonly searches?: readonly string[];
  /** Returns an imperative sentence without a final mark, such as "Delete 3 decks". */
  readonly describe: () => Promise<string> | string;
}

export interface ActionCall {
  readonly name: string;
  readonly params: unknown;
}

/** Returns the risks of all calls of one action, from their parameters. `batch` are all calls, those of other actions too. */
export type Rule = (
  paramsList: readonly unknown[],
  scan: Scan,
  batch: readonly ActionCall[],
) => Promise<readonly Risk[]>;

/** Returns a rule that assesses all calls of one action together. */
export const rule =
  <S extends z.ZodObject>(
    _action: { readonly input: S },
    assess: (
      calls: readonly z.output<S>[],
      scan: Scan,
      batch: readonly ActionCall[],
    ) => Promise<readonly Risk[]>,
  ): Rule =>
  (paramsList, scan, batch) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this schema has parsed them, or a workflow passes its output
    assess(paramsList as readonly z.output<S>[], scan, batch);

/** Returns a rule for an action whose calls are independent of each other. */
export const ruleForEach = <S extends z.ZodObject>(
  action: { readonly input: S },
  assess: (params: z.output<S>, scan: Scan, batch: readonly ActionCall[]) => Promise<Risk | undefined>,
): Rule =>
  rule(action, async (calls, scan, batch) => {
    const risks = await Promise.all(calls.map((params) => assess(params, scan, batch)));
    return risks.filter((risk) => risk !== undefined);
  });
