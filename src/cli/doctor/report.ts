import type { Finding, State } from './check.ts';

export interface Report {
  /** No check failed. There may be warnings. */
  readonly ok: boolean;
  readonly checks: readonly ({ readonly name: string } & Finding)[];
}

const marks: Readonly<Record<State, string>> = { ok: 'ok', warning: '!', failure: 'x', skipped: '-' };

/** Returns one line for each finding, followed by a line that says what to do. */
export const linesOf = (checks: Report['checks']): readonly string[] =>
  checks.flatMap(({ name, state, says, next }) => [
    `${marks[state].padEnd(2)} ${name}: ${says}`,
    ...(next === undefined ? [] : [`   → ${next}`]),
  ]);

/** Returns one line for each check, followed by a line that says what to do. */
export function asText({ checks }: Report): string {
  const count = (state: State): number => checks.filter((check) => check.state === state).length;
  const [failures, warnings] = [count('failure'), count('warning')];
  const summary = `${failures} ${failures === 1 ? 'failure' : 'failures'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  return [...linesOf(checks), '', failures + warnings === 0 ? 'No problems found.' : `${summary}.`, ''].join(
    '\n',
  );
}

/** Returns the report as JSON. */
export const asJson = ({ ok, checks }: Report): string => `${JSON.stringify({ ok, checks }, undefined, 2)}\n`;
