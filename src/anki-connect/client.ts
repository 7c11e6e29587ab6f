import { Client, errors } from 'undici';
import type { Json } from '../action.ts';
import {
  actions,
  type ActionName,
  categories,
  isActionName,
  type Output,
  type Params,
} from '../actions/index.ts';
import type { Backend, CallOptions } from '../backend.ts';
import { AnkiRefused, OutcomeUnknown, Unavailable, Unreachable, Unreadable } from '../errors.ts';
import { parseJson, printJson } from '../json.ts';

export const defaultUrl = 'http://127.0.0.1:8765';

export interface AnkiConnectOptions {
  readonly url?: string;
  /** Sent only when given: the add-on refuses a key where it has none. Appears in no message. */
  readonly apiKey?: string | undefined;
  /** Milliseconds an answer may take, for every action. */
  readonly timeout?: number | undefined;
}

const limits = { read: 15_000, write: 60_000, slow: 600_000 };
const progressEvery = 5_000;
const replyLimit = 64 * 1024 * 1024;
const addOn = 'the Anki-Connect add-on (code 2055492159)';

/** Where one sees whether an action of that category was carried out. */
const lookWith: readonly (readonly [category: object, reads: string])[] = [
  [categories.card, 'cardsInfo'],
  [categories.deck, 'deckNamesAndIds or getDeckConfig'],
  [categories.gui, 'guiReviewActive or guiCurrentCard, or ask the user what Anki shows'],
  [categories.media, 'getMediaFilesNames'],
  [categories.misc, 'deckNames and findNotes'],
  [categories.model, 'modelNamesAndIds, modelFieldNames or modelTemplates'],
  [categories.note, 'findNotes, notesInfo or cardsInfo'],
  [categories.statistic, 'getReviewsOfCards'],
];

const isRead = (name: ActionName): boolean => actions[name].annotations.readOnlyHint;

const unknown = (name: ActionName): string => {
  const look = lookWith.find(([category]) => Object.hasOwn(category, name))?.[1];
  return `${name} may or may not have been carried out: look with ${look} before repeating it.`;
};

type JsonObject = { readonly [key: string]: Json | undefined };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

// undici means its parser's errors to have codes (HPE_...), but leaves them undefined.
const isNoHttp = (error: unknown): boolean => error instanceof errors.HTTPParserError;

const isSlow = (name: string, params: Json | undefined): boolean => {
  if (!isActionName(name)) return false;
  if (name !== 'multi') return actions[name].slow === true;
  const children = isObject(params) && Array.isArray(params['actions']) ? params['actions'] : [];
  return children.some((child: Json) => isObject(child) && isSlow(String(child['action']), child['params']));
};

/** What every answer of Anki-Connect is: an error that is not null decides, even when it is empty. */
const isEnvelope = (reply: Json): reply is { readonly result: Json; readonly error: string | null } =>
  isObject(reply) &&
  reply['result'] !== undefined &&
  (reply['error'] === null || typeof reply['error'] === 'string');

const parsed = (text: string): Json | undefined => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** One request on a connection of its own: the add-on closes each after its reply, and a pool would lose the next. */
const post = async (url: URL, body: string, signal: AbortSignal, onSent: () => void): Promise<Reply> => {
  const client = new Client(url.origin, {
    pipelining: 0,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: replyLimit,
  });
  client.once('connect', onSent);
  try {
    const headers = { 'content-type': 'application/json' };
    const reply = await client.request({
      method: 'POST',
      path: url.pathname + url.search,
      headers,
      body,
      signal,
    });
    return { status: reply.statusCode, text: await reply.body.text() };
  } finally {
    await client.destroy();
  }
};

const broken = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);

/** Calls take turns in the order they came: Anki carries out one request at a time anyway, and drops more than five. */
class Turns {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  /** Comes back when it is the caller's turn, or at once, with an error, when the signal says stop. */
  async take(stop: AbortSignal): Promise<void> {
    stop.throwIfAborted();
    if (!this.#taken) {
      this.#taken = true;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        stop.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(new Error('left the queue'));
      };
      stop.addEventListener('abort', leave, { once: true });
      this.#waiting.push(start);
    });
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }
}

/** How far a call got, and why it was broken off: that decides what its failure means. */
interface Course {
  sent: boolean;
  late: boolean;
  readonly limit: number;
  readonly stop: AbortSignal;
}

/** Anki on the desktop, asked through its Anki-Connect add-on. */
export class AnkiConnect implements Backend {
  readonly kind = 'anki-connect';
  readonly place: string;
  readonly #url: URL;
  readonly #key: string | undefined;
  readonly #timeout: number | undefined;
  readonly #turns = new Turns();
  readonly #closing = new AbortController();

  constructor({ url = defaultUrl, apiKey, timeout }: AnkiConnectOptions = {}) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (
      parsed === undefined ||
      !/^https?:$/.test(parsed.protocol) ||
      parsed.username !== '' ||
      parsed.password !== ''
    ) {
      throw new TypeError(
        `The URL of Anki-Connect must be like ${defaultUrl}: http or https, and no user or password.`,
      );
    }
    this.#url = parsed;
    this.#key = apiKey;
    this.#timeout = timeout;
    this.place = parsed.href.replace(/\/$/, '');
  }

  async call<N extends ActionName>(
    name: N,
    params: Params<N>,
    options: CallOptions = {},
  ): Promise<Output<N>> {
    const { signal, progress } = options;
    const stop = AbortSignal.any(
      signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal],
    );
    const course: Course = { sent: false, late: false, limit: this.#limit(name, params), stop };
    let seconds = 0;
    const ticking = setInterval(() => {
      seconds += progressEvery / 1000;
      const state = course.sent ? 'still waiting for Anki' : 'waiting for earlier calls to end';
      progress?.(`${state}: ${seconds} s`);
    }, progressEvery);
    try {
      const result = await this.#inTurn(name, this.#request(name, params), course);
      // The output schemas describe what Anki-Connect answers: here its JSON gets their types, unchecked.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return result as Output<N>;
    } finally {
      clearInterval(ticking);
    }
  }

  /** Calls that wait are never sent; the one in flight is no longer waited for. */
  async close(): Promise<void> {
    this.#closing.abort();
  }

  #limit(name: ActionName, params: JsonObject): number {
    if (this.#timeout !== undefined) return this.#timeout;
    if (isSlow(name, params)) return limits.slow;
    return isRead(name) ? limits.read : limits.write;
  }

  #request(action: string, params: JsonObject): JsonObject {
    const own = action === 'multi' ? { ...params, actions: this.#children(params['actions']) } : params;
    return { action, version: 6, params: own, key: this.#key };
  }

  /** The add-on takes a child without version for version 4, and wants the key in each. */
  #children(children: Json | undefined): Json | undefined {
    if (!Array.isArray(children)) return children;
    return children.map((child: Json) => {
      if (!isObject(child)) return child;
      const { action, params } = child;
      const nested =
        action === 'multi' && isObject(params)
          ? { params: { ...params, actions: this.#children(params['actions']) } }
          : {};
      return { ...child, ...nested, version: 6, key: this.#key };
    });
  }

  async #inTurn(name: ActionName, request: JsonObject, course: Course): Promise<Json> {
    const body = printJson(request, 'digits');
    try {
      await this.#turns.take(course.stop);
    } catch (error) {
      throw this.#failure(name, error, course);
    }
    const late = new AbortController();
    const timer = setTimeout(() => {
      course.late = true;
      late.abort();
    }, course.limit);
    try {
      const reply = await this.#send(name, body, course, AbortSignal.any([course.stop, late.signal]));
      return this.#read(name, reply);
    } finally {
      clearTimeout(timer);
      this.#turns.give();
    }
  }

  /** A write is sent once, whatever happens; a read whose connection broke is tried once more. */
  async #send(name: ActionName, body: string, course: Course, signal: AbortSignal): Promise<Reply> {
    for (let triesLeft = isRead(name) ? 1 : 0; ; triesLeft--) {
      try {
        return await post(this.#url, body, signal, () => (course.sent = true));
      } catch (error) {
        if (triesLeft === 0 || !broken.has(codeOf(error))) throw this.#failure(name, error, course);
      }
    }
  }

  #failure(name: ActionName, cause: unknown, { sent, late, limit, stop }: Course): Error {
    const code = codeOf(cause);
    const unsure = sent && !isRead(name);
    const said = (what: string): Error =>
      unsure ? new OutcomeUnknown(`${what} ${unknown(name)}`, { cause }) : new Unreachable(what, { cause });
    if (stop.aborted) {
      const what = `${name} was cancelled before ${sent ? 'Anki answered' : 'it was sent'}.`;
      return unsure ? said(what) : new DOMException(what, 'AbortError');
    }
    if (late && sent) {
      return said(
        `Anki (${this.place}) did not answer ${name} within ${limit / 1000} s. A dialog may be open in Anki: it holds up every call until the user closes it.`,
      );
    }
    if (late)
      return said(`No connection to ${this.place} within ${limit / 1000} s. Is that where Anki runs?`);
    if (code === 'ECONNREFUSED') {
      return said(
        `Anki is not running, or ${addOn} is not installed. Start Anki and try again, or start ankiwright with --collection PATH to work without the desktop. Nothing answers at ${this.place}.`,
      );
    }
    if (!sent) return said(`Anki cannot be reached at ${this.place} (${code}). Check the URL.`);
    if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
      const what = `The answer to ${name} is larger than ${replyLimit / 1024 / 1024} MB and was not read. Ask for less at a time.`;
      return unsure ? said(what) : new Unreadable(what, { cause });
    }
    if (isNoHttp(cause)) return this.#strange(name, 'with something that is no HTTP', unsure);
    return said(`Anki (${this.place}) closed the connection without answering ${name}.`);
  }

  /** Without a cause: parsers keep the text they stumbled over, and that may hold the key. */
  #strange(name: ActionName, what: string, unsure: boolean): Unreadable {
    return new Unreadable(
      `${this.place} answered ${what}. Is that Anki with ${addOn}, or does another program use the port?${unsure ? ` ${unknown(name)}` : ''}`,
    );
  }

  #read(name: ActionName, { status, text }: Reply): Json {
    const write = !isRead(name);
    if (status === 403) {
      throw new Unreadable(
        `${this.place} answered 403 (forbidden). If that is Anki-Connect, it refuses where requests come from: see webCorsOriginList in the add-on's settings. Nothing was done.`,
      );
    }
    if (status !== 200) throw this.#strange(name, `with HTTP status ${status}`, write && status >= 500);
    const reply = parsed(text);
    if (reply === undefined) {
      const what = /^\s*</.test(text) ? 'with a web page' : 'with something that is no JSON';
      throw this.#strange(name, what, write);
    }
    if (!isEnvelope(reply)) throw this.#strange(name, 'with JSON that is not {result, error}', write);
    const { result, error } = reply;
    if (error !== null) throw this.#refusal(name, error);
    return name === 'multi' ? this.#masked(result) : result;
  }

  #refusal(name: ActionName, words: string): Error {
    const own = this.#mask(words);
    switch (words) {
      case 'unsupported action':
        return new Unavailable(
          `Anki has no action ${name} (${words}): the installed Anki-Connect is older than it. Update the add-on in Anki (Tools > Add-ons > Check for Updates); if there is no update, no release has it yet.`,
        );
      case 'valid api key must be provided':
        return new AnkiRefused(
          `${own}\n${this.#key === undefined ? 'ankiwright was given no API key' : 'The API key that ankiwright was given is another'}. Give it the apiKey of the add-on's settings (Tools > Add-ons > AnkiConnect > Config).`,
        );
      case 'collection is not available':
        return new AnkiRefused(
          `${own}\nNo profile is open in Anki. Open one with loadProfile (getProfiles lists them), or ask the user to.`,
        );
      default:
        return new AnkiRefused(own);
    }
  }

  #mask(words: string): string {
    return this.#key === undefined || this.#key === '' ? words : words.replaceAll(this.#key, '***');
  }

  /** The errors of a batch are in its result. Nothing else is touched there: a key may be a word of somebody's notes. */
  #masked(replies: Json): Json {
    if (this.#key === undefined || !Array.isArray(replies)) return replies;
    return replies.map((reply: Json) => {
      if (!isObject(reply)) return reply;
      const { result, error } = reply;
      if (typeof error === 'string') return { ...reply, error: this.#mask(error) };
      return Array.isArray(result) ? { ...reply, result: this.#masked(result) } : reply;
    });
  }
}
