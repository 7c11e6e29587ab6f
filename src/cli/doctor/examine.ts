import type { System } from '../system.ts';
import { failed, failure, type Check, type Finding } from './check.ts';
import { client } from './client.ts';
import { collectionChecks } from './collection.ts';
import { desktop } from './desktop.ts';
import { engineChecks } from './engine.ts';
import { machine } from './machine.ts';
import { node } from './node.ts';
import type { Report } from './report.ts';
import { subjectOf, type Target } from './subject.ts';

/** In the order in which they are told. */
const checks: readonly Check[] = [node, client, ...desktop, ...engineChecks, ...collectionChecks, ...machine];

/** Signs that a program's words may have. */
const longest = 2500;

/** Looks at everything at once, and changes nothing. What takes longer than so many milliseconds is given up. */
export async function examine(target: Target, system: System, limit = 14_000): Promise<Report> {
  const subject = subjectOf(target, system);
  const late = deadline(limit);
  const look = async ({ name, look: examineIt }: Check) => {
    const found = await Promise.race([examineIt(subject).catch(failed), late.finding]);
    return [found].flat().map((finding) => ({ name, ...plain(finding) }));
  };
  try {
    const found = (await Promise.all(checks.map(look))).flat();
    return { ok: found.every(({ state }) => state !== 'failure'), checks: found };
  } finally {
    late.cancel();
  }
}

function deadline(limit: number): { finding: Promise<Finding>; cancel: () => void } {
  let cancel = () => {};
  const finding = new Promise<Finding>((resolve) => {
    const says = `This took longer than ${limit / 1000} s, and was given up.`;
    const next = 'The computer is busy, or a disk or a program does not answer: try again.';
    const timer = setTimeout(() => resolve(failure(says, next)), limit);
    cancel = () => clearTimeout(timer);
  });
  return { finding, cancel };
}

/** What programs and files say of themselves is shown within one line. */
const oneLine = (words: string): string =>
  words
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(new RegExp(`(?<=^.{${longest}}).+`, 'u'), '…');

const plain = ({ state, says, next }: Finding): Finding => ({
  state,
  says: oneLine(says),
  ...(next === undefined ? {} : { next: oneLine(next) }),
});
