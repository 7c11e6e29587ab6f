import type { Json } from '../lib/json.ts';
import { messageOf } from '../lib/error.ts';

/** Returns a result as Anki-Connect sends it: bare up to version 4 (the default), as {result, error} from 5. */
export const reply = (result: Json, version: number | bigint | boolean = 4): Json =>
  Number(version) <= 4 ? result : { result, error: null };

/** Returns an error as {result, error}, in every version. */
export const refusal = (error: unknown): Json => ({
  result: null,
  error: messageOf(error),
});
