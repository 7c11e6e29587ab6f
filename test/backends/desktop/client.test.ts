import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AnkiConnect } from '../../../src/backends/desktop/client.ts';
import { OutcomeUnknown } from '../../../src/contract/errors.ts';
import { type Json, parseJson } from '../../../src/lib/json.ts';
import { eventually } from '../../support/eventually.ts';
import * as fake from '../../support/fake-anki.ts';
import { clientOf, clientWith, failure, note } from './clients.ts';

const key = 'k3y-of-anki';

const parsedBody = (request: fake.ReceivedRequest | undefined): Json =>
  parseJson(request?.body ?? '"nothing was sent"');

afterEach(() => {
  vi.useRealTimers();
});

describe('the wire', () => {
  it('sends each request completely, on a new connection', async () => {
    const [anki, client] = await clientOf(fake.answers(6));
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
    const [, client] = await clientOf(fake.answers(6));
    await client.call('version', {});
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends the key if one is configured', async () => {
    const [anki, client] = await clientWith({ apiKey: key }, fake.answers([]));
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
    const [anki, client] = await clientOf(fake.answersText(text));
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
    const [ankiWithKey, withKey] = await clientWith({ apiKey: key }, fake.answers([]));
    await withKey.call('multi', batch);
    expect(parsedBody(ankiWithKey.requests[0])).toStrictEqual(expected({ key }));
    const [ankiWithoutKey, withoutKey] = await clientOf(fake.answers([]));
    await withoutKey.call('multi', batch);
    expect(parsedBody(ankiWithoutKey.requests[0])).toStrictEqual(expected({}));
  });
});

describe('the queue', () => {
  it('sends calls one at a time, in order', async () => {
    const echo = fake.answersWith((body) => `{"result": "${/deck":"(\w)/.exec(body)?.[1]}", "error": null}`);
    const [anki, client] = await clientOf(fake.resetsAfterReading, fake.late(10, echo));
    const calls = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((deck) => client.call('createDeck', { deck }));
    const [first, ...others] = calls;
    expect(await failure(Promise.resolve(first))).toBeInstanceOf(OutcomeUnknown);
    expect(await Promise.all(others)).toStrictEqual(['b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(anki.maxConcurrent).toBe(1);
    expect(anki.requests.map(({ body }) => /deck":"(\w)/.exec(body)?.[1]).join('')).toBe('abcdefgh');
  });

  it('never sends a call that was cancelled in the queue', async () => {
    const [anki, client] = await clientOf(fake.late(50, fake.answers(1)));
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
    const [anki, client] = await clientOf(fake.hangs, fake.hangs, fake.answers(6));
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
    const [anki, client] = await clientOf(fake.late(20, fake.answers(1)), fake.hangs, fake.answers(3));
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
    const [anki, client] = await clientOf(fake.hangs);
    const calls = [client.call('deckNames', {}), client.call('modelNames', {})].map(failure);
    await eventually(() => expect(anki.requests).toHaveLength(1));
    await client.close();
    const errors = await Promise.all([...calls, failure(client.call('version', {}))]);
    expect(errors.map(({ name }) => name)).toStrictEqual(['AbortError', 'AbortError', 'AbortError']);
    expect(anki.connections).toBe(1);
  });
});
