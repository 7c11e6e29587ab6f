import type { IncomingMessage } from 'node:http';
import { AnkiRefused } from '../contract/errors.ts';
import { isDeep, isObject, type Json, parseJson } from '../lib/json.ts';
import { repr } from './python.ts';

/** A request as the add-on's schema lets it in; other members are let in too. */
export type Request = {
  readonly action: string;
  readonly version: number | bigint;
  readonly params: { readonly [name: string]: Json | undefined };
  readonly [member: string]: Json | undefined;
};

/** What is read of a body that is too large, so that its sender comes to see the answer. */
const patience = 4;

export type Body = Buffer | 'too large';

/** Reads a body. The client is gone, or treated so, if it falls silent or does not come to an end. */
export async function readBody(
  request: IncomingMessage,
  { limit, stall }: { readonly limit: number; readonly stall: number },
): Promise<Body | 'gone'> {
  const { socket } = request;
  const chunks: Buffer[] = [];
  let size = 0;
  request.setTimeout(stall);
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > limit * patience) socket.destroy();
    }
  } catch {
    return 'gone';
  }
  request.setTimeout(0); // an action may take its time
  return size > limit ? 'too large' : Buffer.concat(chunks, size);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parse(body: Buffer): Json {
  let text;
  try {
    text = utf8.decode(body);
  } catch {
    throw new AnkiRefused('The body is not UTF-8, as JSON has to be.');
  }
  try {
    return parseJson(text);
  } catch {
    throw new AnkiRefused(`The body is not JSON. ${faultOf(text)}`);
  }
}

/** The parser of large integers sees other text than what was sent: the fault is told by the plain one. */
function faultOf(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

const isInteger = (value: Json): value is number | bigint =>
  typeof value === 'bigint' || Number.isInteger(value);

/** Reads a request and checks its members in the order, and with the words, of the add-on's schema. */
export function readRequest(body: Buffer): Request {
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
