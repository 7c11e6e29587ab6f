import { keyRefused, parseReply } from '../../anki-connect/envelope.ts';
import { AnkiConnect } from '../../backends/desktop/client.ts';
import { isBroken } from '../../backends/desktop/failure.ts';
import { maskKey } from '../../backends/desktop/mask.ts';
import { post } from '../../backends/desktop/post.ts';
import type { ActionName, Params } from '../../contract/index.ts';
import { type Json, printJson } from '../../lib/json.ts';
import { codeOf } from '../../lib/error.ts';

/** Milliseconds to wait for each reply of Anki. */
const timeoutMs = 2800;

/** The outcome of a request. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: Json }
  | { readonly kind: 'error'; readonly error: string }
  /** There was no connection. */
  | { readonly kind: 'unreachable'; readonly why: string }
  /** There was a connection, but no reply in time. */
  | { readonly kind: 'timeout' }
  /** There was a reply that does not come from Anki-Connect. */
  | { readonly kind: 'unexpected'; readonly what: string };

/** Whether the key is the one that the add-on needs. */
export type KeyState = 'correct' | 'missing' | 'wrong' | 'unneeded';

/** Anki-Connect's replies to requests that change nothing. After the first timeout, no more requests are sent. */
export interface DesktopReplies {
  readonly place: string;
  readonly version: Outcome;
  readonly key?: KeyState;
  readonly actions?: Outcome;
  readonly profile?: Outcome;
  /** The reply to a request that needs the collection. */
  readonly decks?: Outcome;
}

const isKeyRefused = (outcome: Outcome): boolean => outcome.kind === 'error' && outcome.error === keyRefused;

/** Sends the requests one after the other, because the add-on handles one request at a time. */
export async function askDesktop(url: string, apiKey: string | undefined): Promise<DesktopReplies> {
  const place = placeOf(url);
  if (place === undefined)
    return {
      place: 'The address in --url',
      version: unreachable('it must be like http://127.0.0.1:8765, without user and password'),
    };
  const first = await askVersion(url, apiKey);
  if (first.kind !== 'result' && !isKeyRefused(first)) return { place, version: first };

  const key = isKeyRefused(first) ? await keyProblem(url, apiKey) : 'correct';
  if (key === 'missing' || key === 'wrong') return { place, version: first, key };
  const neededKey = key === 'correct' ? apiKey : undefined;
  const version = key === 'correct' ? first : await askVersion(url, neededKey);
  const actions = await ask(url, neededKey, 'apiReflect', { scopes: ['actions'] });
  if (actions.kind === 'timeout') return { place, version, key, actions };
  const profile = await ask(url, neededKey, 'getActiveProfile', {});
  if (profile.kind === 'timeout') return { place, version, key, actions, profile };
  const decks = await ask(url, neededKey, 'deckNames', {});
  return { place, version, key, actions, profile, decks };
}

/** Returns the URL as it may be shown, or undefined if Anki-Connect cannot have this URL. */
function placeOf(url: string): string | undefined {
  try {
    return new AnkiConnect({ url }).place;
  } catch {
    return undefined;
  }
}

/** Returns why a refused key is refused. */
async function keyProblem(url: string, apiKey: string | undefined): Promise<KeyState> {
  if (apiKey === undefined) return 'missing';
  const { kind } = await askVersion(url, undefined);
  return kind === 'result' ? 'unneeded' : 'wrong';
}

async function askVersion(url: string, key: string | undefined): Promise<Outcome> {
  const outcome = await ask(url, key, 'version', {});
  const isNumber = outcome.kind !== 'result' || typeof outcome.result === 'number';
  return isNumber ? outcome : unexpected('with something that is not a version');
}

async function ask<N extends ActionName>(
  url: string,
  key: string | undefined,
  action: N,
  params: Params<N>,
): Promise<Outcome> {
  const signal = AbortSignal.timeout(timeoutMs);
  const body = printJson({ action, version: 6, params, key }, 'digits');
  let connected = false;
  try {
    const { status, text } = await post(new URL(url), body, signal, () => (connected = true));
    return status === 200 ? outcomeOf(text, key) : unexpected(`with HTTP status ${status}`);
  } catch (error) {
    if (!connected)
      return {
        kind: 'unreachable',
        why: signal.aborted ? 'no connection in time' : codeOf(error) || String(error),
      };
    if (signal.aborted) return { kind: 'timeout' };
    return unexpected(isBroken(error) ? 'by closing the connection' : 'with something that is not HTTP');
  }
}

function outcomeOf(text: string, key: string | undefined): Outcome {
  const reply = parseReply(text);
  if (typeof reply === 'string') return unexpected(reply);
  const { result, error } = reply;
  return error === null ? { kind: 'result', result } : { kind: 'error', error: maskKey(error, key) };
}

const unreachable = (why: string): Outcome => ({ kind: 'unreachable', why });
const unexpected = (what: string): Outcome => ({ kind: 'unexpected', what });
