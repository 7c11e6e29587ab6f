import type { ActionName, Output, Params } from '../../contract/index.ts';
import { capabilitiesOf, typedCall, type Backend, type CallOptions } from '../../contract/backend.ts';
import { AnkiRefused, noSuchAction, tooOld, Unreadable } from '../../contract/errors.ts';
import { isDeep, isObject, type Json, type JsonObject, parseJson, printJson } from '../../lib/json.ts';
import { allOver, Call, isRead } from './call.ts';
import { failure, isBroken, strange } from './failure.ts';
import { masked } from './masked.ts';
import { post, type Reply } from './post.ts';
import { Turns } from './turns.ts';

export const defaultUrl = 'http://127.0.0.1:8765';

export interface AnkiConnectOptions {
  readonly url?: string;
  /** Sent only when given: the add-on refuses a key where it has none. Appears in no message. */
  readonly apiKey?: string | undefined;
  /** Milliseconds an answer may take, for every action. */
  readonly timeout?: number | undefined;
}

const progressEvery = 5_000;

type Envelope = { readonly result: Json; readonly error: string | null };

/** What every answer of Anki-Connect is: an error that is not null decides, even when it is empty. */
const isEnvelope = (reply: Json | undefined): reply is Envelope =>
  isObject(reply) &&
  reply['result'] !== undefined &&
  (reply['error'] === null || typeof reply['error'] === 'string') &&
  !isDeep(reply);

const parsed = (text: string): Json | undefined => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

/** Anki on the desktop, asked through its Anki-Connect add-on. */
export class AnkiConnect implements Backend {
  readonly kind = 'anki-connect';
  readonly capabilities = capabilitiesOf['anki-connect'];
  readonly place: string;
  readonly #url: URL;
  readonly #key: string | undefined;
  readonly #timeout: number | undefined;
  readonly #turns = new Turns<Call>((calls) => this.#carryOut(calls));
  readonly #closing = new AbortController();
  #hasMulti = true;

  readonly call = typedCall(this);

  constructor({ url = defaultUrl, apiKey, timeout }: AnkiConnectOptions = {}) {
    const given = URL.canParse(url) ? new URL(url) : undefined;
    if (
      given === undefined ||
      !/^https?:$/.test(given.protocol) ||
      given.username !== '' ||
      given.password !== ''
    ) {
      throw new TypeError(
        `The URL of Anki-Connect must be like ${defaultUrl}: http or https, and no user or password.`,
      );
    }
    this.#url = given;
    this.#key = apiKey;
    this.#timeout = timeout;
    this.place = given.href.replace(/\/$/, '');
  }

  async request<N extends ActionName>(
    name: N,
    params: Params<N>,
    { signal, progress }: CallOptions = {},
  ): Promise<Output<N>> {
    const stop = AbortSignal.any(
      signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal],
    );
    const call = new Call(name, params, this.#request(name, params), this.#timeout);
    const cancel = (): void => {
      this.#turns.leave(call);
      call.cancelled = true;
      call.fail(failure(call, stop.reason, this.place));
    };
    let seconds = 0;
    const ticking = setInterval(() => {
      seconds += progressEvery / 1000;
      const state = call.sent ? 'still waiting for Anki' : 'waiting for earlier calls to end';
      progress?.(`${state}: ${seconds} s`);
    }, progressEvery);
    stop.addEventListener('abort', cancel);
    try {
      if (stop.aborted) cancel();
      else this.#turns.queue(call);
      // The output schemas describe what Anki-Connect answers: here its JSON gets their types, unchecked.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return (await call.answer) as Output<N>;
    } finally {
      stop.removeEventListener('abort', cancel);
      clearInterval(ticking);
    }
  }

  /** Calls that wait are never sent; the one in flight is no longer waited for. */
  async close(): Promise<void> {
    this.#closing.abort();
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

  /** Whatever keeps calls from travelling together: each that is still waited for then goes alone. */
  async #carryOut(calls: readonly Call[]): Promise<void> {
    if (calls.length > 1 && this.#hasMulti) await this.#together(calls);
    for (const call of calls) if (!call.over.aborted) await this.#alone(call);
  }

  async #alone(call: Call): Promise<void> {
    try {
      call.succeed(this.#read(call.name, await this.#send(call)));
    } catch (error) {
      call.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Anki takes up one request every 25 ms, but in it any number of calls. */
  async #together(calls: readonly Call[]): Promise<void> {
    const request = this.#request('multi', { actions: calls.map(({ request: child }) => child) });
    const reply = await this.#exchange(calls, request).catch(() => undefined);
    const whole = reply?.status === 200 ? parsed(reply.text) : undefined;
    if (!isEnvelope(whole)) return;
    if (whole.error === noSuchAction) this.#hasMulti = false;
    const replies = whole.result;
    if (whole.error !== null || !Array.isArray(replies) || replies.length !== calls.length) return;
    for (const [index, call] of calls.entries()) {
      const own: Json = replies[index];
      if (!isEnvelope(own)) continue;
      if (own.error === null) call.succeed(own.result);
      else call.fail(this.#refusal(call.name, own.error));
    }
  }

  /** A write is sent once, whatever happens; a read whose connection broke is tried once more. */
  async #send(call: Call): Promise<Reply> {
    for (let triesLeft = isRead(call.name) ? 1 : 0; ; triesLeft--) {
      try {
        return await this.#exchange([call], call.request);
      } catch (error) {
        if (triesLeft === 0 || !isBroken(error)) throw failure(call, error, this.place);
      }
    }
  }

  /** Sends a request for these calls; each is waited for as long as its own limit says. */
  async #exchange(calls: readonly Call[], request: JsonObject): Promise<Reply> {
    const timers = calls.map((call) =>
      setTimeout(() => {
        call.late = true;
        call.fail(failure(call, undefined, this.place));
      }, call.limit),
    );
    try {
      return await post(this.#url, printJson(request, 'digits'), allOver(calls), () => {
        for (const call of calls) call.sent = true;
      });
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
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

  #strange(name: ActionName, what: string, unsure: boolean): Unreadable {
    return strange(name, what, unsure, this.place);
  }

  #refusal(name: ActionName, words: string): Error {
    const own = masked(words, this.#key);
    switch (words) {
      case noSuchAction:
        return tooOld(name);
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

  /** The errors of a batch are in its result. Nothing else is touched there: a key may be a word of somebody's notes. */
  #masked(replies: Json): Json {
    if (this.#key === undefined || !Array.isArray(replies)) return replies;
    return replies.map((reply: Json) => {
      if (!isObject(reply)) return reply;
      const { result, error } = reply;
      if (typeof error === 'string') return { ...reply, error: masked(error, this.#key) };
      return Array.isArray(result) ? { ...reply, result: this.#masked(result) } : reply;
    });
  }
}
