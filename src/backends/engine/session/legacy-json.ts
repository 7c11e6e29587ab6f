import { type Json, parseJson, printJson } from '../../../lib/json.ts';
import { checkTexts } from './python.ts';

/** An object in Anki's JSON format (note type, deck, options group), as Anki-Connect returns it, with all digits of its id. */
export interface Legacy {
  [key: string]: Json;
  id: number;
  name: string;
}

/** A field of a note type. The engine identifies it by `ord`, its position when it was read: never renumber. */
export interface Field {
  readonly [key: string]: Json;
  readonly name: string;
  readonly ord: number;
  readonly font: string;
  readonly size: number;
  readonly description: string;
}

/** A card template. The engine identifies it by `ord` too. */
export interface Template {
  readonly [key: string]: Json;
  readonly name: string;
  readonly ord: number;
  readonly qfmt: string;
  readonly afmt: string;
}

/** A note type in Anki's JSON format. `type` is 1 for a cloze type, otherwise 0. */
export interface NoteType extends Legacy {
  readonly type: number;
  readonly css: string;
  readonly flds: Field[];
  readonly tmpls: Template[];
}

interface Bytes {
  readonly json: Uint8Array;
}

const read = ({ json }: Bytes): Json => parseJson(Buffer.from(json).toString());

// Each of these parses the JSON of a legacy method's reply.
/* oxlint-disable typescript/no-unsafe-type-assertion -- a legacy method returns one kind of object, or a list of it */
export const readLegacy = (reply: Bytes): Legacy => read(reply) as Legacy;
export const readNoteType = (reply: Bytes): NoteType => read(reply) as NoteType;
export const readLegacyList = (reply: Bytes): readonly Legacy[] => read(reply) as readonly Legacy[];
/* oxlint-enable typescript/no-unsafe-type-assertion */

/** Serializes an object for a legacy method. */
export function writeLegacy(value: Json): Uint8Array {
  checkTexts(value);
  return Buffer.from(printJson(value, 'digits'));
}
