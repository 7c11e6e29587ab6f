import type { System } from '../system.ts';
import { isDeepStrictEqual } from 'node:util';
import { apiKey, readConfig } from '../config.ts';
import { installedIn, type Installed } from '../install/installed.ts';
import type { Program } from '../program.ts';
import { addOn } from './add-on.ts';
import { findingOf, failure, type Check, type Finding, type Fix } from './check.ts';
import { commandsFor, configOf, examineClients, installCommand, labelOf, noClient } from './client.ts';
import { collectionChecks } from './collection.ts';
import { desktop } from './desktop.ts';
import { engineChecks } from './engine.ts';
import { machine } from './machine.ts';
import { publicAddress } from './public-address.ts';
import { examineNode } from './node.ts';
import type { Report } from './report.ts';
import { subjectOf, targetOf, type Target } from './subject.ts';

/** The checks of what one server works on. */
const ankiChecks: readonly Check[] = [...desktop, addOn, ...engineChecks, ...collectionChecks];
const serverChecks: readonly Check[] = [...ankiChecks, ...machine];

const checksOf = ({ publicUrl }: Target): readonly Check[] =>
  publicUrl === undefined ? serverChecks : [...serverChecks, publicAddress];

/** Maximum length of a text in the report, in characters. Other programs write parts of it. */
const maxLength = 2500;

/** Milliseconds that a check may take. */
const defaultTimeoutMs = 14_000;

/** A finding that `doctor --fix` can correct, in these entries. */
export interface Fixable {
  readonly fix: Fix;
  readonly says: string;
  readonly entries: readonly Installed[];
}

export interface Examination extends Report {
  readonly fixable: readonly Fixable[];
}

/** A server to examine, and the entries that start it. */
interface Server {
  readonly target: Target;
  readonly entries: readonly Installed[];
}

/**
 * Runs all checks at the same time. They change nothing. A check fails if it takes longer than `timeoutMs`.
 * Without options of its own, `target` stands for the servers of all clients.
 */
export async function examine(
  target: Target,
  program: Program,
  system: System,
  timeoutMs = defaultTimeoutMs,
): Promise<Examination> {
  const all = await installedIn(system);
  const clients = await examineClients(all, program, system);
  const isChosen = !isDeepStrictEqual(target, targetOf(readConfig([], {}), undefined));
  const installed = clients
    .filter(({ finding }) => finding.state !== 'failure')
    .map((each) => each.installed);
  const servers = isChosen ? [] : serversOf(installed);
  const examined = servers.length > 0 ? servers : [{ target, entries: [] }];
  const reports = await Promise.all(
    examined.map(async (server) => ({
      ...server,
      found: await runChecks(checksOf(server.target), server.target, system, timeoutMs),
    })),
  );
  const general: readonly Named[] = [
    { name: 'Node', ...examineNode(process.versions.node) },
    ...clients.map(({ finding }) => ({ name: 'client', ...finding })),
    // An unreadable configuration may contain it.
    ...(clients.length > 0 ? [] : [{ name: 'client', ...noClient(all) }]),
  ];
  const ofServers = reports.flatMap(({ found, entries }) =>
    found.map((each) => ({
      ...each,
      ...withCommands(each, entries),
      ...(reports.length > 1 ? { of: entries.map(labelOf) } : {}),
    })),
  );
  const fixes: readonly Fixable[] = [
    ...clients.flatMap(({ finding, installed: entry }) => fixableOf(finding, [entry])),
    ...reports.flatMap(({ found, entries }) => found.flatMap((finding) => fixableOf(finding, entries))),
  ];
  return { ...reportOf([...general, ...ofServers]), fixable: fixes };
}

/** Adds the commands that set the options of entries to what a finding says. */
function withCommands({ fix, next, says }: Finding, entries: readonly Installed[]): Pick<Finding, 'next'> {
  if (next === undefined || entries.length === 0) return {};
  if (fix?.kind === 'options') {
    const byHand =
      fix.url === undefined ? [] : entries.map((entry) => `\`${installCommand(entry)} --url ${fix.url}\``);
    return { next: ['`ankiwright doctor --fix` corrects it', ...byHand].join(', or ') };
  }
  const commands = commandsFor(`${says} ${next}`, entries);
  return commands.length === 0 ? {} : { next: `${next} To set an option: ${commands.join(', ')}.` };
}

const fixableOf = ({ fix, says }: Finding, entries: readonly Installed[]): readonly Fixable[] =>
  fix === undefined ? [] : [{ fix, says: oneLine(says), entries }];

/** Returns the servers that entries start. Entries that start the same server are examined once. */
function serversOf(installed: readonly Installed[]): readonly Server[] {
  const servers = new Map<string, Server>();
  for (const entry of installed) {
    const config = entry.launch && configOf(entry.launch);
    if (config === undefined) continue;
    const target = targetOf(config, apiKey(config));
    const key = JSON.stringify(target);
    servers.set(key, { target, entries: [...(servers.get(key)?.entries ?? []), entry] });
  }
  return [...servers.values()];
}

/** Runs the checks of Anki, its add-on, the engine and the collection. */
export const examineAnki = async (target: Target, system: System): Promise<Report> =>
  reportOf(await runChecks(ankiChecks, target, system, defaultTimeoutMs));

type Named = { readonly name: string; readonly of?: readonly string[] } & Finding;

const reportOf = (found: readonly Named[]): Report => ({
  ok: found.every(({ state }) => state !== 'failure'),
  checks: found.map(plain),
});

async function runChecks(
  checks: readonly Check[],
  target: Target,
  system: System,
  timeoutMs: number,
): Promise<readonly Named[]> {
  const subject = subjectOf(target, system);
  const timeout = timeoutAfter(timeoutMs);
  const run = async ({ name, examine: examineSubject }: Check): Promise<readonly Named[]> => {
    const found = await Promise.race([examineSubject(subject).catch(findingOf), timeout.finding]);
    return [found].flat().map((finding) => ({ name, ...finding }));
  };
  try {
    return (await Promise.all(checks.map(run))).flat();
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

const plain = ({ name, of, state, says, next }: Named): Report['checks'][number] => ({
  name,
  ...(of === undefined ? {} : { of }),
  state,
  says: oneLine(says),
  ...(next === undefined ? {} : { next: oneLine(next) }),
});
