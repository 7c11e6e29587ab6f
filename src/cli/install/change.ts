import { isDeepStrictEqual } from 'node:util';
import type { Client } from './clients.ts';
import { read, replace, type Configuration } from './configuration.ts';
import { entryFor, isOurs, shown } from './entry.ts';
import { own } from '../../lib/json.ts';
import { edited, serversIn, Unparseable, type Table } from './format.ts';
import { Refused } from './refused.ts';

/** A client's file, and the name of our entry in it. */
export interface Target {
  readonly client: Client;
  readonly name: string;
  readonly file: string;
  /** What is there once the client was used. */
  readonly trace: string;
}

type Entry = Table | undefined;
type Outcome = 'changed' | 'as it was' | 'would change';

/** Makes our entry what is wanted, or takes it out: once more if another program wrote the file in between. */
export async function change(
  target: Target,
  wanted: (there: unknown) => Entry,
  dryRun: boolean,
  say: (line: string) => void,
): Promise<Outcome> {
  const { client, name, file } = target;
  for (let attempt = 0; attempt < 5; attempt++) {
    const found = read(file);
    const there = await ownEntry(found, target);
    const entry = wanted(there);
    if (isDeepStrictEqual(there, entry)) return 'as it was';
    const text = edit(found, target, entry);
    const verb = verbFor(there, entry);
    if (dryRun) {
      const shownLines = [...lines(target, '-', there), ...lines(target, '+', entry)];
      for (const line of [`${file}: would ${verb} "${name}":`, ...shownLines]) say(line);
      say('Nothing was changed.');
      return 'would change';
    }
    const written = replace(found, text);
    if (written === undefined) continue;
    say(`${file}: ${past[verb]} "${name}".`);
    if (written.backup !== undefined) say(`The file as it was: ${written.backup}`);
    return 'changed';
  }
  throw new Refused(`Another program keeps writing ${file}: close ${client.title}, and try again.`);
}

const past = { add: 'added', update: 'updated', remove: 'removed' } as const;

function verbFor(there: unknown, entry: Entry): keyof typeof past {
  if (entry === undefined) return 'remove';
  return there === undefined ? 'add' : 'update';
}

/** The entry that is there; one of another server is not to be touched. */
async function ownEntry({ text }: Configuration, { client, name, file }: Target): Promise<unknown> {
  const there = own(serversOf(text, client, file), name);
  if (there === undefined || (await isOurs(there))) return there;
  throw new Refused(
    `"${name}" in ${file} is another server than ankiwright, and was left as it is: choose another name with --name NAME.`,
  );
}

function serversOf(text: string, { format, map, title }: Client, file: string): Table {
  try {
    return serversIn(format.parse(text), map);
  } catch (error) {
    if (!(error instanceof Unparseable)) throw error;
    throw new Refused(
      `${file} is not as ${title} has to find it: ${error.message}. Correct it there, and try again. Nothing was changed.`,
      { cause: error },
    );
  }
}

function edit({ text }: Configuration, { client, name, file }: Target, entry: Entry): string {
  const after = edited(client.format, text, { map: client.map, name }, entry);
  if (after !== undefined) return after;
  throw new Refused(
    `${file} is written in a way in which this cannot be changed safely. Nothing was changed: do it by hand; install --print shows the entry.`,
  );
}

/** An entry as it is to be shown. */
function lines({ client, name }: Target, sign: string, entry: unknown): string[] {
  const launch = shown(entry);
  if (launch === undefined) return [];
  const text = client.format.print({ map: client.map, name }, entryFor(client.typed, launch, undefined));
  return text.split('\n').map((line) => `${sign} ${line}`.trimEnd());
}
