import type { Finding, State } from './check.ts';

export interface Report {
  /** Whether nothing failed; there may be warnings. */
  readonly ok: boolean;
  readonly checks: readonly ({ readonly name: string } & Finding)[];
}

const signs: Readonly<Record<State, string>> = { ok: 'ok', warning: '!', failure: 'x', skipped: '-' };

/** A line for each check, and what to do under it. */
export function asText({ checks }: Report): string {
  const lines = checks.flatMap(({ name, state, says, next }) => [
    `${signs[state].padEnd(2)} ${name}: ${says}`,
    ...(next === undefined ? [] : [`   → ${next}`]),
  ]);
  const count = (state: State): number => checks.filter((check) => check.state === state).length;
  const [failures, warnings] = [count('failure'), count('warning')];
  const sum = `${failures} ${failures === 1 ? 'failure' : 'failures'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  return [...lines, '', failures + warnings === 0 ? 'All is well.' : `${sum}.`, ''].join('\n');
}

export const asJson = ({ ok, checks }: Report): string => `${JSON.stringify({ ok, checks }, undefined, 2)}\n`;
