import { isDeepStrictEqual } from 'node:util';
import { own } from '../../lib/json.ts';

/** The parsed settings of a configuration file. */
export type Table = Readonly<Record<string, unknown>>;

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The location of an entry: a name in the map of servers. */
export interface EntryLocation {
  readonly map: string;
  readonly name: string;
}

/** A file format of configurations. Edits change one entry and keep every other character. */
export interface Format {
  parse(text: string): unknown;
  /** Returns the text with this entry added or replaced. */
  setEntry(text: string, location: EntryLocation, entry: Table): string;
  /** Returns the text without this entry. */
  removeEntry(text: string, location: EntryLocation): string;
  /** Returns the entry alone, for pasting by hand. */
  printEntry(location: EntryLocation, entry: Table): string;
}

/** A configuration cannot be parsed. The message has the position and the reason, but no text of the file, which may be secret. */
export class Unparseable extends Error {
  override readonly name = 'Unparseable';
}

/** Returns the servers of a configuration by name. */
export function serversIn(settings: unknown, map: string): Table {
  if (!isTable(settings)) throw new Unparseable('it does not contain named settings');
  const servers = Object.hasOwn(settings, map) ? settings[map] : {};
  if (!isTable(servers)) throw new Unparseable(`its "${map}" is not a map of servers`);
  return servers;
}

/** Returns the text with this entry, or without it. Returns undefined if anything else in the file would change its meaning. */
export function edited(
  format: Format,
  text: string,
  location: EntryLocation,
  entry: Table | undefined,
): string | undefined {
  try {
    const after =
      entry === undefined ? format.removeEntry(text, location) : format.setEntry(text, location, entry);
    const { rest } = split(format.parse(text), location);
    return isDeepStrictEqual(split(format.parse(after), location), { rest, entry }) ? after : undefined;
  } catch (error) {
    if (error instanceof Unparseable) return undefined;
    throw error;
  }
}

/** Splits settings into one entry and everything else. */
function split(settings: unknown, { map, name }: EntryLocation): { rest: Table; entry: unknown } {
  const servers = serversIn(settings, map);
  const { [name]: _entry, ...others } = servers;
  return { rest: { ...(isTable(settings) ? settings : {}), [map]: others }, entry: own(servers, name) };
}
