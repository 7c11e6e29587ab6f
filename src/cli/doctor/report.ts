import type { Finding, State } from './check.ts';

interface ReportedFinding extends Omit<Finding, 'fix'> {
  readonly name: string;
  /** The clients whose server was examined, if there are several servers. */
  readonly of?: readonly string[];
}

export interface Report {
  /** No check failed. There may be warnings. */
  readonly ok: boolean;
  readonly checks: readonly ReportedFinding[];
}

const marks: Readonly<Record<State, string>> = { ok: 'ok', warning: '!', failure: 'x', skipped: '-' };

/** Returns one line for each finding, followed by a line that says what to do. */
export const linesOf = (checks: Report['checks']): readonly string[] =>
  checks.flatMap(({ name, of, state, says, next }) => [
    `${marks[state].padEnd(2)} ${name}${of === undefined ? '' : ` (${of.join(', ')})`}: ${says}`,
    ...(next === undefined ? [] : [`   → ${next}`]),
  ]);

/** Returns the failures first, and all skipped checks in one line. */
export function asText({ checks }: Report): string {
  const count = (state: State): number => checks.filter((check) => check.state === state).length;
  const [failures, warnings] = [count('failure'), count('warning')];
  const summary = `${failures} ${failures === 1 ? 'failure' : 'failures'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  const ordered = (['failure', 'warning', 'ok'] as const).flatMap((state) =>
    checks.filter((check) => check.state === state),
  );
  const names = new Set(checks.filter(({ state }) => state === 'skipped').map(({ name }) => name));
  const skipped = names.size === 0 ? [] : [`${marks.skipped.padEnd(2)} skipped: ${[...names].join(', ')}`];
  return [
    ...linesOf(ordered),
    ...skipped,
    '',
    failures + warnings === 0 ? 'No problems found.' : `${summary}.`,
    '',
  ].join('\n');
}

/** Returns the report as JSON. */
export const asJson = ({ ok, checks }: Report): string => `${JSON.stringify({ ok, checks }, undefined, 2)}\n`;
