import { isDeepStrictEqual } from 'node:util';
import { own } from '../../lib/json.ts';

/** What a configuration file holds. */
export type Table = Readonly<Record<string, unknown>>;

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** Where in a file a server stands: in this map, under this name. */
export interface Spot {
  readonly map: string;
  readonly name: string;
}

/** A way of writing configuration. What it edits stays as it was, sign for sign, but for the one entry. */
export interface Format {
  parse(text: string): unknown;
  put(text: string, spot: Spot, entry: Table): string;
  take(text: string, spot: Spot): string;
  /** The entry alone, to be pasted by hand. */
  print(spot: Spot, entry: Table): string;
}

/** A configuration that cannot be read: where, and why. Its own words stay unsaid, as they may hold secrets. */
export class Unparseable extends Error {
  override readonly name = 'Unparseable';
}

/** The servers of a configuration, each under its name. */
export function serversIn(whole: unknown, map: string): Table {
  if (!isTable(whole)) throw new Unparseable('it holds something else than named settings');
  const servers = Object.hasOwn(whole, map) ? whole[map] : {};
  if (!isTable(servers)) throw new Unparseable(`its "${map}" is no map of servers`);
  return servers;
}

/** The text with this entry, or without any, if parsing it proves that all else means the same as before. */
export function edited(
  format: Format,
  text: string,
  spot: Spot,
  entry: Table | undefined,
): string | undefined {
  try {
    const after = entry === undefined ? format.take(text, spot) : format.put(text, spot, entry);
    const [was, is] = [apart(format.parse(text), spot), apart(format.parse(after), spot)];
    return isDeepStrictEqual(is, { rest: was.rest, entry }) ? after : undefined;
  } catch (error) {
    if (error instanceof Unparseable) return undefined;
    throw error;
  }
}

function apart(whole: unknown, { map, name }: Spot): { rest: Table; entry: unknown } {
  const servers = serversIn(whole, map);
  const { [name]: _entry, ...others } = servers;
  return { rest: { ...(isTable(whole) ? whole : {}), [map]: others }, entry: own(servers, name) };
}
