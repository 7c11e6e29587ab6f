import { messageOf } from '../lib/error.ts';
import { isDeep, isObject, parseJson, type Json } from '../lib/json.ts';

/** A reply of Anki-Connect in version 5 or later. Any error other than null counts, even an empty one. */
export interface Envelope {
  readonly result: Json;
  readonly error: string | null;
}

/** Anki-Connect's error message for a missing or wrong API key. */
export const keyRefused = 'valid api key must be provided';

/** Anki-Connect's error message while no profile is open. */
export const noProfileOpen = 'collection is not available';

/** Returns a result as Anki-Connect sends it: bare up to version 4 (the default), as {result, error} from 5. */
export const reply = (result: Json, version: number | bigint | boolean = 4): Json =>
  isBare(version) ? result : { result, error: null };

export const isBare = (version: number | bigint | boolean): boolean => Number(version) <= 4;

/** Returns an error as {result, error}, in every version. */
export const refusal = (error: unknown): Json => ({
  result: null,
  error: messageOf(error),
});

/** Returns true if a value is a reply of Anki-Connect. */
export const isEnvelope = (value: Json | undefined): value is Json & Envelope =>
  isObject(value) &&
  value['result'] !== undefined &&
  (value['error'] === null || typeof value['error'] === 'string') &&
  !isDeep(value);

/** Parses a reply. If it is not one of Anki-Connect, returns how to complete "The program answered …". */
export function parseReply(text: string): Envelope | string {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    return /^\s*</.test(text) ? 'with a web page' : 'with something that is not JSON';
  }
  return isEnvelope(value) ? value : 'with JSON that is not {result, error}';
}
