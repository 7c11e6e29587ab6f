import { AnkiConnect } from '../../backends/desktop/client.ts';
import { isBroken } from '../../backends/desktop/failure.ts';
import { masked } from '../../backends/desktop/masked.ts';
import { post } from '../../backends/desktop/post.ts';
import type { ActionName, Params } from '../../contract/index.ts';
import { isObject, type Json, parseJson, printJson } from '../../lib/json.ts';
import { codeOf } from '../../lib/error.ts';

/** Milliseconds that Anki gets for each answer. */
const limit = 2800;

/** What became of a request. */
export type Answer =
  | { readonly kind: 'result'; readonly result: Json }
  | { readonly kind: 'error'; readonly error: string }
  /** No connection. */
  | { readonly kind: 'unreachable'; readonly why: string }
  /** A connection, and nothing more. */
  | { readonly kind: 'silence' }
  /** Something that Anki-Connect would not say. */
  | { readonly kind: 'strange'; readonly what: string };

/** How the key and the add-on go together. */
export type Key = 'fits' | 'needed' | 'wrong' | 'superfluous';

/** What Anki-Connect said when it was asked what changes nothing. Behind the first silence nothing more is asked. */
export interface Conversation {
  readonly place: string;
  readonly version: Answer;
  readonly key?: Key;
  readonly actions?: Answer;
  readonly profile?: Answer;
  /** A call that needs the collection. */
  readonly decks?: Answer;
}

const keyRefused = (answer: Answer): boolean =>
  answer.kind === 'error' && answer.error === 'valid api key must be provided';

/** Asks one thing after the other: the add-on takes one request at a time. */
export async function converse(url: string, apiKey: string | undefined): Promise<Conversation> {
  const place = placeOf(url);
  if (place === undefined)
    return {
      place: 'The given --url',
      version: unreachable('it must be like http://127.0.0.1:8765, without user and password'),
    };
  const first = await askVersion(url, apiKey);
  if (first.kind !== 'result' && !keyRefused(first)) return { place, version: first };

  const key = keyRefused(first) ? await misfit(url, apiKey) : 'fits';
  if (key === 'needed' || key === 'wrong') return { place, version: first, key };
  const fitting = key === 'fits' ? apiKey : undefined;
  const version = key === 'fits' ? first : await askVersion(url, fitting);
  const actions = await ask(url, fitting, 'apiReflect', { scopes: ['actions'] });
  if (actions.kind === 'silence') return { place, version, key, actions };
  const profile = await ask(url, fitting, 'getActiveProfile', {});
  if (profile.kind === 'silence') return { place, version, key, actions, profile };
  const decks = await ask(url, fitting, 'deckNames', {});
  return { place, version, key, actions, profile, decks };
}

/** The URL as it may be shown; undefined if it is none that Anki-Connect can have. */
function placeOf(url: string): string | undefined {
  try {
    return new AnkiConnect({ url }).place;
  } catch {
    return undefined;
  }
}

async function misfit(url: string, apiKey: string | undefined): Promise<Key> {
  if (apiKey === undefined) return 'needed';
  const { kind } = await askVersion(url, undefined);
  return kind === 'result' ? 'superfluous' : 'wrong';
}

async function askVersion(url: string, key: string | undefined): Promise<Answer> {
  const answer = await ask(url, key, 'version', {});
  const odd = answer.kind === 'result' && typeof answer.result !== 'number';
  return odd ? strange('with something else than a version') : answer;
}

async function ask<N extends ActionName>(
  url: string,
  key: string | undefined,
  action: N,
  params: Params<N>,
): Promise<Answer> {
  const stop = AbortSignal.timeout(limit);
  const body = printJson({ action, version: 6, params, key }, 'digits');
  let connected = false;
  try {
    const { status, text } = await post(new URL(url), body, stop, () => (connected = true));
    return status === 200 ? read(text, key) : strange(`with HTTP status ${status}`);
  } catch (error) {
    if (!connected)
      return {
        kind: 'unreachable',
        why: stop.aborted ? 'no connection in time' : codeOf(error) || String(error),
      };
    if (stop.aborted) return { kind: 'silence' };
    return strange(isBroken(error) ? 'by closing the connection' : 'with something that is no HTTP');
  }
}

function read(text: string, key: string | undefined): Answer {
  let reply: Json;
  try {
    reply = parseJson(text);
  } catch {
    return strange(/^\s*</.test(text) ? 'with a web page' : 'with something that is no JSON');
  }
  if (!isObject(reply) || reply['result'] === undefined)
    return strange('with JSON that is not {result, error}');
  const { result, error } = reply;
  if (error === null) return { kind: 'result', result };
  if (typeof error !== 'string') return strange('with JSON that is not {result, error}');
  return { kind: 'error', error: masked(error, key) };
}

const unreachable = (why: string): Answer => ({ kind: 'unreachable', why });
const strange = (what: string): Answer => ({ kind: 'strange', what });
