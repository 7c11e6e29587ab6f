import { setMaxListeners } from 'node:events';
import type { ActionName, Output, Params } from '../../contract/index.ts';
import { capabilitiesOf, typedCall, type Backend, type CallOptions } from '../../contract/backend.ts';
import { isEnvelope, keyRefused, parseReply } from '../../anki-connect/envelope.ts';
import { AnkiRefused, noSuchAction, tooOld, Unreadable } from '../../contract/errors.ts';
import { isObject, type Json, type JsonObject, printJson } from '../../lib/json.ts';
import { allEnded, PendingCall, isRead } from './pending-call.ts';
import { failure, isBroken, unexpectedReply } from './failure.ts';
import { explained } from './explained.ts';
import { maskKey } from './mask.ts';
import { post, type HttpReply } from './post.ts';
import { RequestQueue } from './request-queue.ts';

export const defaultUrl = 'http://127.0.0.1:8765';

export interface AnkiConnectOptions {
  readonly url?: string;
  /** Sent only if set, because an add-on without a key refuses one. Appears in no message. */
  readonly apiKey?: string | undefined;
  /** Time limit of every call in milliseconds; by default it depends on the action. */
  readonly timeoutMs?: number | undefined;
}

const progressIntervalMs = 5_000;

/** The desktop backend: a running Anki, reached through its Anki-Connect add-on. */
export class AnkiConnect implements Backend {
  readonly kind = 'anki-connect';
  readonly capabilities = capabilitiesOf['anki-connect'];
  readonly place: string;
  readonly #url: URL;
  readonly #key: string | undefined;
  readonly #timeoutMs: number | undefined;
  readonly #queue = new RequestQueue<PendingCall>((calls) => this.#sendAll(calls));
  readonly #closing = new AbortController();
  #hasMulti = true;

  readonly call = typedCall(this);

  constructor({ url = defaultUrl, apiKey, timeoutMs }: AnkiConnectOptions = {}) {
    const parsedUrl = URL.canParse(url) ? new URL(url) : undefined;
    if (
      parsedUrl === undefined ||
      !/^https?:$/.test(parsedUrl.protocol) ||
      parsedUrl.username !== '' ||
      parsedUrl.password !== ''
    ) {
      throw new TypeError(
        `The URL of Anki-Connect must be like ${defaultUrl}: http or https, without user and password.`,
      );
    }
    setMaxListeners(0, this.#closing.signal); // one for each running call
    this.#url = parsedUrl;
    this.#key = apiKey;
    this.#timeoutMs = timeoutMs;
    this.place = parsedUrl.href.replace(/\/$/, '');
  }

  async request<N extends ActionName>(
    name: N,
    params: Params<N>,
    { signal, progress }: CallOptions = {},
  ): Promise<Output<N>> {
    // Not joined with `#closing`: on Node 20 a joined signal stays in memory as long as one of its sources, here until `close`.
    const stops = [this.#closing.signal, ...(signal ? [AbortSignal.any([signal])] : [])];
    const call = new PendingCall(name, params, this.#request(name, params), this.#timeoutMs);
    const cancel = (): void => {
      this.#queue.remove(call);
      call.cancelled = true;
      call.fail(failure(call, stops.find(({ aborted }) => aborted)?.reason, this.place));
    };
    let seconds = 0;
    const ticker = setInterval(() => {
      seconds += progressIntervalMs / 1000;
      const state = call.sent ? 'waiting for Anki' : 'waiting for earlier calls';
      progress?.(`${state}: ${seconds} s`);
    }, progressIntervalMs);
    for (const stop of stops) stop.addEventListener('abort', cancel);
    try {
      if (stops.some(({ aborted }) => aborted)) cancel();
      else this.#queue.add(call);
      // The reply gets the type of the action's output schema without a check: the schemas describe what Anki-Connect returns.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return (await call.result) as Output<N>;
    } finally {
      for (const stop of stops) stop.removeEventListener('abort', cancel);
      clearInterval(ticker);
    }
  }

  /** Cancels all calls: queued ones are never sent, the running one is abandoned. */
  async close(): Promise<void> {
    this.#closing.abort();
  }

  #request(action: string, params: JsonObject): JsonObject {
    const actions = params['actions'];
    const withKeys = action === 'multi' ? { ...params, actions: this.#addKeys(actions) } : params;
    return { action, version: 6, params: withKeys, key: this.#key };
  }

  /** Adds version and key to each child of a batch: the add-on assumes version 4 and checks each key. */
  #addKeys(children: Json | undefined): Json | undefined {
    if (!Array.isArray(children)) return children;
    return children.map((child: Json) => {
      if (!isObject(child)) return child;
      const { action, params } = child;
      const nested =
        action === 'multi' && isObject(params)
          ? { params: { ...params, actions: this.#addKeys(params['actions']) } }
          : {};
      return { ...child, ...nested, version: 6, key: this.#key };
    });
  }

  /** Sends calls, joined if possible. Calls that the batch did not answer are sent alone. */
  async #sendAll(calls: readonly PendingCall[]): Promise<void> {
    if (calls.length > 1 && this.#hasMulti) await this.#sendJoined(calls);
    for (const call of calls) if (!call.ended.aborted) await this.#sendAlone(call);
  }

  async #sendAlone(call: PendingCall): Promise<void> {
    try {
      call.succeed(this.#read(call, await this.#send(call)));
    } catch (error) {
      call.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Sends several calls as one `multi`: Anki accepts one request every 25 ms, with any number of calls. */
  async #sendJoined(calls: readonly PendingCall[]): Promise<void> {
    const request = this.#request('multi', { actions: calls.map(({ request: child }) => child) });
    const response = await this.#exchange(calls, request).catch(() => undefined);
    const batch = response?.status === 200 ? parseReply(response.text) : '';
    if (typeof batch === 'string') return;
    if (batch.error === noSuchAction) this.#hasMulti = false;
    const replies = batch.result;
    if (batch.error !== null || !Array.isArray(replies) || replies.length !== calls.length) return;
    for (const [index, call] of calls.entries()) {
      const reply: Json = replies[index];
      if (!isEnvelope(reply)) continue;
      if (reply.error === null) call.succeed(reply.result);
      else call.fail(this.#refusal(call.name, reply.error));
    }
  }

  /** Sends one call. A write is sent once; a read whose connection broke is sent once more. */
  async #send(call: PendingCall): Promise<HttpReply> {
    for (let triesLeft = isRead(call.name) ? 1 : 0; ; triesLeft--) {
      try {
        return await this.#exchange([call], call.request);
      } catch (error) {
        if (triesLeft === 0 || !isBroken(error)) throw failure(call, error, this.place);
      }
    }
  }

  /** Sends one request for these calls, each with its own time limit. */
  async #exchange(calls: readonly PendingCall[], request: JsonObject): Promise<HttpReply> {
    const timers = calls.map((call) =>
      setTimeout(() => {
        call.timedOut = true;
        call.fail(failure(call, undefined, this.place));
      }, call.timeoutMs),
    );
    try {
      return await post(this.#url, printJson(request, 'digits'), allEnded(calls), () => {
        for (const call of calls) call.sent = true;
      });
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  }

  #read({ name, subject }: PendingCall, { status, text }: HttpReply): Json {
    const write = !isRead(subject);
    if (status === 403) {
      throw new Unreadable(
        `${this.place} answered 403 (forbidden). If that is Anki-Connect, it refuses the request's origin: see webCorsOriginList in the add-on's settings. Nothing was changed.`,
      );
    }
    if (status !== 200)
      throw unexpectedReply(subject, `with HTTP status ${status}`, write && status >= 500, this.place);
    const reply = parseReply(text);
    if (typeof reply === 'string') throw unexpectedReply(subject, reply, write, this.place);
    const { result, error } = reply;
    if (error !== null) throw this.#refusal(name, error);
    return name === 'multi' ? this.#maskErrors(result) : result;
  }

  #refusal(name: ActionName, message: string): Error {
    const masked = maskKey(message, this.#key);
    switch (message) {
      case noSuchAction:
        return tooOld(name);
      case keyRefused:
        return new AnkiRefused(
          `${masked}\n${this.#key === undefined ? 'ankiwright has no API key' : 'The API key of ankiwright differs'}. Use the apiKey from the add-on's settings (Tools > Add-ons > AnkiConnect > Config).`,
        );
      default:
        return new AnkiRefused(explained(masked));
    }
  }

  /** Masks the key in the errors inside a batch result, and nowhere else: the same text may occur in notes. */
  #maskErrors(replies: Json): Json {
    if (this.#key === undefined || !Array.isArray(replies)) return replies;
    return replies.map((reply: Json) => {
      if (!isObject(reply)) return reply;
      const { result, error } = reply;
      if (typeof error === 'string') return { ...reply, error: maskKey(error, this.#key) };
      return Array.isArray(result) ? { ...reply, result: this.#maskErrors(result) } : reply;
    });
  }
}
