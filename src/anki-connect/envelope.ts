import type { Json } from '../lib/json.ts';
import { messageOf } from '../lib/error.ts';

/** An answer as Anki-Connect sends it: bare for the versions up to 4, the default; in an envelope from 5 on. */
export const reply = (result: Json, version: number | bigint | boolean = 4): Json =>
  Number(version) <= 4 ? result : { result, error: null };

/** A failure comes in an envelope, whatever the version. */
export const refusal = (error: unknown): Json => ({
  result: null,
  error: messageOf(error),
});
