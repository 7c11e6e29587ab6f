import type { Json } from '../action.ts';
import { parseJson, printJson } from '../json.ts';

/** An object of Anki's JSON format (note type, deck, options group), as Anki-Connect returns it; no digit of an id is lost. */
export interface Legacy {
  [key: string]: Json;
  id: number;
  name: string;
}

interface Bytes {
  readonly json: Uint8Array;
}

const read = ({ json }: Bytes): Json => parseJson(Buffer.from(json).toString());

// The engine's legacy methods answer such an object, or a list of them.
export const readLegacy = (reply: Bytes): Legacy => read(reply) as Legacy;
export const readLegacyList = (reply: Bytes): readonly Legacy[] => read(reply) as readonly Legacy[];

export const writeLegacy = (value: Json): Uint8Array => Buffer.from(printJson(value, 'digits'));
