import { isDeepStrictEqual } from 'node:util';
import { own } from '../../lib/json.ts';
import type { Client } from './clients.ts';
import { readConfiguration, replaceConfiguration, type Configuration } from './configuration.ts';
import { entryFor, isOurs, withoutSecrets } from './entry.ts';
import { edited, serversIn, Unparseable, type Table } from './format.ts';
import { Refused } from './refused.ts';

/** The entry of one server in a client's configuration file. */
export interface Target {
  readonly client: Client;
  readonly name: string;
  readonly file: string;
  /** A file or folder that exists if the client was ever used. */
  readonly trace: string;
}

type Entry = Table | undefined;
type Outcome = 'changed' | 'unchanged' | 'would change';

/** How often a change is tried if other programs write the file at the same time. */
const maxAttempts = 5;

/**
 * Replaces our entry by the one that `entryAfter` returns, or removes it if that is undefined.
 * Starts again if another program writes the file at the same time.
 */
export async function change(
  target: Target,
  entryAfter: (before: unknown) => Promise<Entry>,
  dryRun: boolean,
  log: (line: string) => void,
): Promise<Outcome> {
  const { client, name, file } = target;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const configuration = readConfiguration(file);
    const before = await ourEntry(configuration, target);
    const after = await entryAfter(before);
    if (isDeepStrictEqual(before, after)) return 'unchanged';
    const text = textWith(configuration, target, after);
    const verb = verbFor(before, after);
    const diff = [...diffLines(target, '-', before), ...diffLines(target, '+', after)];
    if (dryRun) {
      for (const line of [`${file}: would ${verb} "${name}":`, ...diff, 'Nothing was changed.']) log(line);
      return 'would change';
    }
    const written = replaceConfiguration(configuration, text);
    if (written === undefined) continue;
    log(`${file}: ${past[verb]} "${name}".`);
    diff.forEach(log);
    if (written.backup !== undefined) log(`Backup of the previous file: ${written.backup}`);
    return 'changed';
  }
  throw new Refused(`Another program keeps writing ${file}. Close ${client.title} and try again.`);
}

const past = { add: 'added', update: 'updated', remove: 'removed' } as const;

function verbFor(before: unknown, after: Entry): keyof typeof past {
  if (after === undefined) return 'remove';
  return before === undefined ? 'add' : 'update';
}

/** Returns the entry of this name. Throws `Refused` if it starts another program than ankiwright. */
async function ourEntry({ text }: Configuration, { client, name, file }: Target): Promise<unknown> {
  const entry = own(serversOf(text, client, file), name);
  if (entry === undefined || (await isOurs(entry))) return entry;
  throw new Refused(
    `"${name}" in ${file} is another server than ankiwright and was not changed. Choose another name with --name NAME.`,
  );
}

function serversOf(text: string, { format, map, title }: Client, file: string): Table {
  try {
    return serversIn(format.parse(text), map);
  } catch (error) {
    if (!(error instanceof Unparseable)) throw error;
    throw new Refused(
      `${title} cannot read ${file}: ${error.message}. Correct the file and try again. Nothing was changed.`,
      { cause: error },
    );
  }
}

function textWith({ text }: Configuration, { client, name, file }: Target, entry: Entry): string {
  const after = edited(client.format, text, { map: client.map, name }, entry);
  if (after !== undefined) return after;
  throw new Refused(
    `${file} is written in a way that cannot be changed safely. Nothing was changed. Edit it by hand; install --print prints the entry.`,
  );
}

/** Returns the lines of an entry without its secrets, each with a prefix. */
function diffLines({ client, name }: Target, prefix: string, entry: unknown): string[] {
  const launch = withoutSecrets(entry);
  if (launch === undefined) return [];
  const text = client.format.printEntry(
    { map: client.map, name },
    entryFor(client.declaresStdio, launch, undefined),
  );
  return text.split('\n').map((line) => `${prefix} ${line}`.trimEnd());
}
