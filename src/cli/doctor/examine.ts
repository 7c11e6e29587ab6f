import type { System } from '../system.ts';
import { findingOf, failure, type Check, type Finding } from './check.ts';
import { client } from './client.ts';
import { collectionChecks } from './collection.ts';
import { desktop } from './desktop.ts';
import { engineChecks } from './engine.ts';
import { machine } from './machine.ts';
import { node } from './node.ts';
import type { Report } from './report.ts';
import { subjectOf, type Target } from './subject.ts';

/** All checks, in the order of the report. */
const ankiChecks: readonly Check[] = [...desktop, ...engineChecks, ...collectionChecks];
const checks: readonly Check[] = [node, client, ...ankiChecks, ...machine];

/** Maximum length of a text in the report, in characters. Other programs write parts of it. */
const maxLength = 2500;

/** Milliseconds that a check may take. */
const defaultTimeoutMs = 14_000;

/** Runs all checks at the same time. They change nothing. A check fails if it takes longer than `timeoutMs`. */
export const examine = (target: Target, system: System, timeoutMs = defaultTimeoutMs): Promise<Report> =>
  runChecks(checks, target, system, timeoutMs);

/** Runs the checks of Anki, its add-on, the engine and the collection. */
export const examineAnki = (target: Target, system: System): Promise<Report> =>
  runChecks(ankiChecks, target, system, defaultTimeoutMs);

async function runChecks(
  some: readonly Check[],
  target: Target,
  system: System,
  timeoutMs: number,
): Promise<Report> {
  const subject = subjectOf(target, system);
  const timeout = timeoutAfter(timeoutMs);
  const run = async (check: Check) => {
    const { name } = check;
    const found = await Promise.race([check.examine(subject).catch(findingOf), timeout.finding]);
    return [found].flat().map((finding) => ({ name, ...plain(finding) }));
  };
  try {
    const found = (await Promise.all(some.map(run))).flat();
    return { ok: found.every(({ state }) => state !== 'failure'), checks: found };
  } finally {
    timeout.cancel();
  }
}

function timeoutAfter(ms: number): { finding: Promise<Finding>; cancel: () => void } {
  let cancel = () => {};
  const finding = new Promise<Finding>((resolve) => {
    const says = `This check took longer than ${ms / 1000} s and was stopped.`;
    const next = 'The computer is busy, or a disk or a program does not respond. Try again.';
    const timer = setTimeout(() => resolve(failure(says, next)), ms);
    cancel = () => clearTimeout(timer);
  });
  return { finding, cancel };
}

/** Returns a text on one line and without control characters: names come from other programs and files. */
const oneLine = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(new RegExp(`(?<=^.{${maxLength}}).+`, 'u'), '…');

const plain = ({ state, says, next }: Finding): Finding => ({
  state,
  says: oneLine(says),
  ...(next === undefined ? {} : { next: oneLine(next) }),
});
