import { AnkiRefused } from '../contract/errors.ts';
import { isDeep, isObject, type Json, parseJson } from '../lib/json.ts';
import { messageOf } from '../lib/error.ts';
import { jsonErrorOf } from './python-json-error.ts';
import { repr } from './python.ts';
import { utf8ErrorOf } from './python-utf8.ts';

/** A request that the add-on's schema accepts; further members are accepted too. */
export type AnkiRequest = {
  readonly action: string;
  readonly version: number | bigint;
  readonly params: { readonly [name: string]: Json | undefined };
  readonly [member: string]: Json | undefined;
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses a body. Throws Python's message if it is not JSON in UTF-8. */
function parse(body: Buffer): Json {
  let text = '';
  try {
    text = utf8.decode(body);
    return parseJson(text);
  } catch (error) {
    throw new AnkiRefused(utf8ErrorOf(body) ?? jsonErrorOf(text) ?? messageOf(error));
  }
}

const isInteger = (value: Json): value is number | bigint =>
  typeof value === 'bigint' || Number.isInteger(value);

/** Parses a request. Checks its members in the order of the add-on's schema and throws its messages. */
export function readRequest(body: Buffer): AnkiRequest {
  const request = parse(body);
  if (isDeep(request)) throw new AnkiRefused('maximum recursion depth exceeded while decoding JSON');
  const isNot = (value: Json, type: string) => new AnkiRefused(`${repr(value)} is not of type '${type}'`);
  if (!isObject(request)) throw isNot(request, 'object');
  const { action, version = 4, params = {} } = request;
  if (action === undefined) throw new AnkiRefused("'action' is a required property");
  if (!isInteger(version)) throw isNot(version, 'integer');
  if (!isObject(params)) throw isNot(params, 'object');
  if (typeof action !== 'string') throw isNot(action, 'string');
  if (action === '') throw new AnkiRefused("'' should be non-empty");
  return { ...request, action, version, params };
}
