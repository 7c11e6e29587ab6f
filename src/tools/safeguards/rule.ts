import type { z } from 'zod';
import type { Survey } from './survey.ts';

/** What a call would do that cannot simply be taken back. */
export interface Risk {
  /** In words, as an order: a question mark makes it the question to the user. */
  readonly deed: string;
  /** Searches for the cards concerned; without any, it touches nothing that a backup holds. */
  readonly searches?: readonly string[];
}

/** Judges all calls of one action that come together, by their parameters. */
export type Rule = (given: readonly unknown[], survey: Survey) => Promise<readonly Risk[]>;

export const rule =
  <S extends z.ZodObject>(
    { input }: { readonly input: S },
    judge: (calls: readonly z.output<S>[], survey: Survey) => Promise<readonly Risk[]>,
  ): Rule =>
  (given, survey) =>
    judge(
      given.map((params) => input.parse(params)),
      survey,
    );

/** The same for actions of which each call is judged by itself. */
export const ruleForEach = <S extends z.ZodObject>(
  action: { readonly input: S },
  judge: (params: z.output<S>, survey: Survey) => Promise<Risk | undefined>,
): Rule =>
  rule(action, async (calls, survey) => {
    const risks = await Promise.all(calls.map((params) => judge(params, survey)));
    return risks.filter((risk) => risk !== undefined);
  });
