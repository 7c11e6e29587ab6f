import { inspect } from 'node:util';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AnkiConnect, type AnkiConnectOptions } from '../../../src/backends/desktop/client.ts';
import {
  AnkiRefused,
  OutcomeUnknown,
  Unavailable,
  Unreachable,
  Unreadable,
} from '../../../src/contract/errors.ts';
import { type Json, parseJson } from '../../../src/lib/json.ts';
import { eventually } from '../../support/eventually.ts';
import * as fake from '../../support/fake-anki.ts';

const key = 'k3y-of-anki';
const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'é', Back: '' } };

type Behaviours = [fake.Behaviour, ...fake.Behaviour[]];
type AnkiAndClient = [anki: fake.FakeAnki, client: AnkiConnect];

const serveWith = async (options: AnkiConnectOptions, ...behaviours: Behaviours): Promise<AnkiAndClient> => {
  const anki = await fake.fakeAnki(...behaviours);
  onTestFinished(anki.close);
  return [anki, new AnkiConnect({ url: anki.url, ...options })];
};

const serve = (...behaviours: Behaviours): Promise<AnkiAndClient> => serveWith({}, ...behaviours);

const failure = async (call: Promise<unknown>): Promise<Error> => {
  const outcome = await call.then(
    (result) => new Error(`no failure, but the result ${inspect(result)}`),
    (error: unknown) => error,
  );
  return outcome instanceof Error ? outcome : new Error(`thrown: ${inspect(outcome)}`);
};

const parsedBody = (request: fake.ReceivedRequest | undefined): Json =>
  parseJson(request?.body ?? '"nothing was sent"');

afterEach(() => {
  vi.useRealTimers();
});

describe('the wire', () => {
  it('sends each request completely, on a new connection', async () => {
    const [anki, client] = await serve(fake.answers(6));
    expect(await client.call('version', {})).toBe(6);
    await client.call('createDeck', { deck: 'Übung ::日本' });
    expect(anki.connections).toBe(2);
    const { head, body } = anki.requests[1] ?? { head: '', body: '' };
    expect(head).toMatch(/^POST \/ HTTP\/1\.1\r\n/);
    expect(head).toMatch(new RegExp(`^content-length: ${Buffer.byteLength(body)}$`, 'im'));
    expect(head).toMatch(/^connection: close$/im);
    expect(head).not.toMatch(/transfer-encoding|keep-alive|^expect|^origin/im);
    const params = { deck: 'Übung ::日本' };
    expect(parseJson(body)).toStrictEqual({ action: 'createDeck', version: 6, params });
  });

  it('leaves no timer running', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const [, client] = await serve(fake.answers(6));
    await client.call('version', {});
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends the key if one is configured', async () => {
    const [anki, client] = await serveWith({ apiKey: key }, fake.answers([]));
    await client.call('deckNames', {});
    expect(parsedBody(anki.requests[0])).toStrictEqual({ action: 'deckNames', version: 6, params: {}, key });
  });

  it('keeps the path of the URL, and shows the URL as its place', async () => {
    const anki = await fake.fakeAnki(fake.answers(6));
    onTestFinished(anki.close);
    const client = new AnkiConnect({ url: `${anki.url}/anki/` });
    await client.call('version', {});
    expect(anki.requests[0]?.head).toMatch(/^POST \/anki\/ HTTP/);
    expect(client.place).toBe(`${anki.url}/anki`);
    expect(new AnkiConnect().place).toBe('http://127.0.0.1:8765');
  });

  it.each([
    'ftp://127.0.0.1',
    '127.0.0.1:8765',
    'localhost:8765',
    '',
    'http://me@127.0.0.1',
    'http://:pw@127.0.0.1',
  ])('refuses the URL "%s"', (url) => {
    expect(() => new AnkiConnect({ url })).toThrow('must be like http://127.0.0.1:8765');
  });

  it('keeps every digit of a 64-bit id, in requests and replies', async () => {
    const text = '{"result": [{"id": -8446744073709551617, "q": NaN}], "error": null}';
    const [anki, client] = await serve(fake.answersText(text));
    const notes = await client.request('notesInfo', { notes: [9223372036854775807n, 1n] });
    expect(notes).toStrictEqual([{ id: -8446744073709551617n, q: null }]);
    expect(anki.requests[0]?.body).toContain('"notes":[9223372036854775807,1]');
  });

  it('sets version and key of each child of a batch, also where the caller set others', async () => {
    const batch = {
      actions: [
        { action: 'deckNames' },
        { action: 'addNote', version: 4, key: 'other', params: { note, key: 'stays' } },
        { action: 'multi', params: { actions: [{ action: 'version', version: 2 }, 'no object'] } },
      ],
    };
    const expected = (keyMember: { key?: string }): Json => {
      const version = 6;
      const inner = [{ action: 'version', version, ...keyMember }, 'no object'];
      const children = [
        { action: 'deckNames', version, ...keyMember },
        { action: 'addNote', version, ...keyMember, params: { note, key: 'stays' } },
        { action: 'multi', version, ...keyMember, params: { actions: inner } },
      ];
      return { action: 'multi', version, ...keyMember, params: { actions: children } };
    };
    const [ankiWithKey, withKey] = await serveWith({ apiKey: key }, fake.answers([]));
    await withKey.call('multi', batch);
    expect(parsedBody(ankiWithKey.requests[0])).toStrictEqual(expected({ key }));
    const [ankiWithoutKey, withoutKey] = await serve(fake.answers([]));
    await withoutKey.call('multi', batch);
    expect(parsedBody(ankiWithoutKey.requests[0])).toStrictEqual(expected({}));
  });
});

describe('the queue', () => {
  it('sends calls one at a time, in order', async () => {
    const echo = fake.answersWith((body) => `{"result": "${/deck":"(\w)/.exec(body)?.[1]}", "error": null}`);
    const [anki, client] = await serve(fake.resetsAfterReading, fake.late(10, echo));
    const calls = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((deck) => client.call('createDeck', { deck }));
    const [first, ...others] = calls;
    expect(await failure(Promise.resolve(first))).toBeInstanceOf(OutcomeUnknown);
    expect(await Promise.all(others)).toStrictEqual(['b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(anki.maxConcurrent).toBe(1);
    expect(anki.requests.map(({ body }) => /deck":"(\w)/.exec(body)?.[1]).join('')).toBe('abcdefgh');
  });

  it('never sends a call that was cancelled in the queue', async () => {
    const [anki, client] = await serve(fake.late(50, fake.answers(1)));
    const cancel = new AbortController();
    const first = client.call('createDeck', { deck: 'first' });
    const second = client.call('createDeck', { deck: 'second' }, { signal: cancel.signal });
    const third = client.call('createDeck', { deck: 'third' });
    cancel.abort('cancelled by the user');
    const error = await failure(second);
    expect(error.name).toBe('AbortError');
    expect(error.message).toBe('createDeck was cancelled before it was sent.');
    expect(anki.requests).toHaveLength(0);
    expect(await Promise.all([first, third])).toStrictEqual([1, 1]);
    const fourth = client.call('createDeck', { deck: 'fourth' }, { signal: cancel.signal });
    expect(await failure(fourth)).toHaveProperty('name', 'AbortError');
    const decks = anki.requests.map(({ body }) => /first|second|third|fourth/.exec(body)?.[0]);
    expect(decks).toStrictEqual(['first', 'third']);
    expect(anki.connections).toBe(2);
  });

  it('stops waiting for a cancelled call, and reports an unknown outcome for a write', async () => {
    const [anki, client] = await serve(fake.hangs, fake.hangs, fake.answers(6));
    const cancelOnceSent = async (count: number, cancel: AbortController): Promise<void> => {
      await eventually(() => expect(anki.requests).toHaveLength(count));
      cancel.abort();
    };
    const [one, two] = [new AbortController(), new AbortController()];
    void cancelOnceSent(1, one);
    const read = await failure(client.call('deckNames', {}, { signal: one.signal }));
    expect(read.name).toBe('AbortError');
    expect(read.message).toBe('deckNames was cancelled before Anki answered.');
    void cancelOnceSent(2, two);
    const write = await failure(client.call('addNote', { note }, { signal: two.signal }));
    expect(write).toBeInstanceOf(OutcomeUnknown);
    expect(await client.call('version', {})).toBe(6);
  });

  it('sends the following calls if a queued call is cancelled after it was sent', async () => {
    const [anki, client] = await serve(fake.late(20, fake.answers(1)), fake.hangs, fake.answers(3));
    const cancel = new AbortController();
    const calls = [{}, { signal: cancel.signal }, {}].map((options) =>
      client.call('createDeck', { deck: 'X' }, options),
    );
    await eventually(() => expect(anki.requests).toHaveLength(2));
    cancel.abort();
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('sends nothing after it was closed', async () => {
    const [anki, client] = await serve(fake.hangs);
    const calls = [client.call('deckNames', {}), client.call('modelNames', {})].map(failure);
    await eventually(() => expect(anki.requests).toHaveLength(1));
    await client.close();
    const errors = await Promise.all([...calls, failure(client.call('version', {}))]);
    expect(errors.map(({ name }) => name)).toStrictEqual(['AbortError', 'AbortError', 'AbortError']);
    expect(anki.connections).toBe(1);
  });
});

describe('without a reply', () => {
  it('reports at once that Anki is not running', async () => {
    const url = await fake.deadUrl();
    const client = new AnkiConnect({ url });
    // No retry and no delay: both would wait for a timer.
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
    const error = await failure(client.call('addNote', { note }));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(/^Anki is not running, .*2055492159.* --collection PATH/);
    expect(error.message).toContain(url);
  });

  it('reports the error code of any other connection failure', async () => {
    const [anki] = await serve((socket) => socket.end('this is not TLS'));
    const url = anki.url.replace('http', 'https');
    const error = await failure(new AnkiConnect({ url }).call('addNote', { note }));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(/^Anki cannot be reached at https:\S+ \([A-Z_]+\)/);
  });

  const brokenConnections: [string, fake.Behaviour][] = [
    ['reset before it was read', fake.late(30, fake.resets)],
    ['reset after it was read', fake.resetsAfterReading],
    ['closed after it was read', fake.closesAfterReading],
    ['closed within the reply', fake.answersHalf()],
    ['closed within the reply, with Connection: close', fake.answersHalf('Connection: close\r\n')],
  ];

  it.each(brokenConnections)(
    'sends a write once, and reports an unknown outcome: %s',
    async (_case, behaviour) => {
      const [anki, client] = await serve(behaviour, fake.answers(1));
      const error = await failure(client.call('addNote', { note }));
      expect(error).toBeInstanceOf(OutcomeUnknown);
      expect(error.message).toMatch(
        /closed the connection.* addNote may or may not .*. Check with findNotes/,
      );
      expect(await client.call('version', {})).toBe(1);
      expect(anki.connections).toBe(2);
      expect(anki.requests.filter(({ body }) => body.includes('addNote')).length).toBeLessThan(2);
    },
  );

  it.each([['reset on arrival', fake.resets], ...brokenConnections] as const)(
    'sends a read once more: %s',
    async (_case, behaviour) => {
      const [anki, client] = await serve(behaviour, fake.answers(['Default']));
      expect(await client.call('deckNames', {})).toStrictEqual(['Default']);
      expect(anki.connections).toBe(2);
    },
  );

  it('does not send a read a third time', async () => {
    const [anki, client] = await serve(fake.resetsAfterReading);
    const error = await failure(client.call('deckNames', {}));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(/closed the connection without answering deckNames/);
    expect(anki.requests).toHaveLength(2);
  });

  it('stops waiting after the timeout, mentions a dialog, and sends the next call', async () => {
    const [anki, client] = await serveWith({ timeoutMs: 60 }, fake.hangs, fake.hangs, fake.answers(6));
    const read = await failure(client.call('deckNames', {}));
    const write = await failure(client.call('setDueDate', { cards: [1], days: '1' }));
    expect(read).toBeInstanceOf(Unreachable);
    expect(read.message).toMatch(/did not answer deckNames within 0\.06 s\. A dialog may be open in Anki/);
    expect(write).toBeInstanceOf(OutcomeUnknown);
    expect(write.message).toMatch(
      /A dialog may be open.* setDueDate may or may not .*. Check with cardsInfo/,
    );
    expect(await client.call('version', {})).toBe(6);
    expect(anki.connections).toBe(3);
  });

  it.each([
    ['deckNames', {}, 15],
    ['addNote', { note }, 60],
    ['sync', {}, 600],
    ['multi', { actions: [{ action: 'version' }] }, 60],
    [
      'multi',
      { actions: [{ action: 'version' }, { action: 'multi', params: { actions: [{ action: 'sync' }] } }] },
      600,
    ],
  ] as const)('has the right timeout for %s %j: %i s', async (name, params, seconds) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const [anki, client] = await serve(fake.hangs);
    const messages: string[] = [];
    let error: Error | undefined;
    const progress = (message: string): void => void messages.push(message);
    const call = failure(client.call(name, params, { progress })).then((failed) => (error = failed));
    while (anki.requests.length === 0) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
    expect(error).toBeUndefined();
    expect(messages[0]).toBe('waiting for Anki: 5 s');
    expect(messages[1]).toBe('waiting for Anki: 10 s');
    vi.advanceTimersByTime(1);
    expect((await call).message).toContain(`within ${seconds} s`);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a reply of another program', () => {
  const page = '<!DOCTYPE html><title>It works!</title>';

  it.each<[string, fake.Behaviour, RegExp]>([
    ['a web page', fake.answersText(page), /answered with a web page.*and no other program\./],
    ['a missing page', fake.answersText(page, '404 Not Found'), /answered with HTTP status 404/],
    ['text', fake.answersText('{"result": [1,'), /answered with something that is not JSON/],
    ['an empty body', fake.answersText(''), /answered with something that is not JSON/],
    ['JSON', fake.answersText('{"apiVersion": "AnkiConnect v.6"}'), /JSON that is not \{result, error\}/],
    ['only a result', fake.answersText('{"result": 6}'), /JSON that is not/],
    ['only an error', fake.answersText('{"error": "x"}'), /JSON that is not/],
    [
      'an error that is not a string',
      fake.answersText('{"result": 1, "error": {"code": 1}}'),
      /JSON that is not/,
    ],
    ['a bare list', fake.answersText('[]'), /JSON that is not/],
    [
      'a mail server',
      (socket) => socket.end('220 mail ready\r\n'),
      /answered with something that is not HTTP/,
    ],
    ['a refused origin', fake.answersText('', '403 Forbidden'), /answered 403.*webCorsOriginList/],
  ])('is unreadable: %s', async (_case, behaviour, message) => {
    const [anki, client] = await serve(behaviour);
    const error = await failure(client.call('deckNames', {}));
    expect(error).toBeInstanceOf(Unreadable);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(anki.url);
    expect(anki.connections).toBe(1);
  });

  it.each([
    ['200 OK', true],
    ['404 Not Found', false],
    ['502 Bad Gateway', true],
  ])(
    'says that a write may have been carried out, where that is possible: %s %s',
    async (status, isUnsure) => {
      const [, client] = await serve(fake.answersText('{"result": 1', status));
      const { message } = await failure(client.call('addNote', { note }));
      expect(message.includes('may or may not')).toBe(isUnsure);
    },
  );

  it('stops reading beyond 64 MB', async () => {
    const [anki, client] = await serve(fake.answersEndlessly);
    const read = await failure(client.call('deckNames', {}));
    expect(anki.bytesSent).toBeLessThan(80 * 2 ** 20);
    const write = await failure(client.call('addNote', { note }));
    expect(read).toBeInstanceOf(Unreadable);
    expect(read.message).toMatch(/larger than 64 MB/);
    expect(write).toBeInstanceOf(OutcomeUnknown);
    expect(write.message).toMatch(/larger than 64 MB.*findNotes/);
    expect(anki.connections).toBe(2);
  });
});

describe('an error of Anki', () => {
  it.each(['deck was not found: x', '', "'deckName'", 'Invalid search: \u2068x\u2069 <b>\n'])(
    'has its message unchanged: %j',
    async (ankiMessage) => {
      const [anki, client] = await serve(fake.answers(null, ankiMessage));
      const error = await failure(client.call('findNotes', { query: 'x' }));
      expect(error).toBeInstanceOf(AnkiRefused);
      expect(error.message).toBe(ankiMessage);
      expect(anki.requests).toHaveLength(1);
    },
  );

  const keyRefused = 'valid api key must be provided';

  it.each([
    [keyRefused, {}, /^valid api key must be provided\nankiwright has no API key\./],
    [keyRefused, { apiKey: key }, /^valid api key must be provided\nThe API key of ankiwright differs/],
    ['collection is not available', {}, /^collection is not available\nNo profile is open.*loadProfile/],
  ])('is followed by what to do: %s %j', async (ankiMessage, options, message) => {
    const [, client] = await serveWith(options, fake.answers(null, ankiMessage));
    const error = await failure(client.call('deckNames', {}));
    expect(error).toBeInstanceOf(AnkiRefused);
    expect(error.message).toMatch(message);
  });

  it('names an action that the installed add-on does not have', async () => {
    const [, client] = await serve(fake.answers(null, 'unsupported action'));
    const error = await failure(client.call('guiAddNoteSetData', { note }));
    expect(error).toBeInstanceOf(Unavailable);
    expect(error.message).toMatch(/guiAddNoteSetData.*installed Anki-Connect is older/);
  });

  it('exists only if the member error is not null', async () => {
    const [, client] = await serve(fake.answers(null));
    expect(await client.call('getActiveProfile', {})).toBeNull();
  });
});

describe('the API key', () => {
  it.each<[string, fake.Behaviour]>([
    ['in an error of Anki', fake.answersWith((body) => JSON.stringify({ result: null, error: body + key }))],
    ['in JSON that is not an envelope', fake.answersWith((body) => body)],
    ['in a reply that is not JSON', fake.answersWith((body) => `${key}${body}`)],
    ['in a reply that is not HTTP', (socket) => socket.end(`${key}\r\n`)],
    ['in an incomplete reply', (socket) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n${key}`)],
    ['in a server error', fake.answersWith((body) => body, '500 Oops')],
    ['if it is refused', fake.answers(null, 'valid api key must be provided')],
  ])('appears in no error: %s', async (_case, behaviour) => {
    const [, client] = await serveWith({ apiKey: key }, behaviour);
    const error = await failure(client.call('addNote', { note }));
    expect(error.message).not.toMatch(/no failure/);
    expect(inspect([error, client], { depth: 20, showHidden: true })).not.toContain(key);
  });

  it('is masked in the errors inside a batch, and nowhere else', async () => {
    const replies = (secret: string) => [
      { result: null, error: `no ${secret}` },
      { result: `my ${key} in a note`, error: null },
      { result: [{ result: null, error: `no ${secret}` }, 1], error: null },
    ];
    const [, client] = await serveWith({ apiKey: key }, fake.answers(replies(key)));
    expect(await client.call('multi', { actions: [] })).toStrictEqual(replies('***'));
  });
});
