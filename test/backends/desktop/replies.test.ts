import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AnkiConnect } from '../../../src/backends/desktop/client.ts';
import {
  AnkiRefused,
  OutcomeUnknown,
  Unavailable,
  Unreachable,
  Unreadable,
} from '../../../src/contract/errors.ts';
import * as fake from '../../support/fake-anki.ts';
import { clientOf, clientWith, failure, note } from './clients.ts';

const key = 'k3y-of-anki';

afterEach(() => {
  vi.useRealTimers();
});

describe('without a reply', () => {
  it('reports at once that Anki is not running', async () => {
    const url = await fake.deadUrl();
    const client = new AnkiConnect({ url });
    // No retry and no delay: both would wait for a timer.
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
    const error = await failure(client.call('addNote', { note }));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(/^Anki is not running, .*2055492159.*Ask the user to start Anki/);
    expect(error.message).toContain(url);
  });

  it('reports the error code of any other connection failure', async () => {
    const [anki] = await clientOf((socket) => socket.end('this is not TLS'));
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
      const [anki, client] = await clientOf(behaviour, fake.answers(1));
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
      const [anki, client] = await clientOf(behaviour, fake.answers(['Default']));
      expect(await client.call('deckNames', {})).toStrictEqual(['Default']);
      expect(anki.connections).toBe(2);
    },
  );

  it('does not send a read a third time', async () => {
    const [anki, client] = await clientOf(fake.resetsAfterReading);
    const error = await failure(client.call('deckNames', {}));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(/closed the connection without answering deckNames/);
    expect(anki.requests).toHaveLength(2);
  });

  it('stops waiting after the timeout, mentions a dialog, and sends the next call', async () => {
    const [anki, client] = await clientWith({ timeoutMs: 60 }, fake.hangs, fake.hangs, fake.answers(6));
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
    const [anki, client] = await clientOf(fake.hangs);
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
    const [anki, client] = await clientOf(behaviour);
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
      const [, client] = await clientOf(fake.answersText('{"result": 1', status));
      const { message } = await failure(client.call('addNote', { note }));
      expect(message.includes('may or may not')).toBe(isUnsure);
    },
  );

  it('does not say that a batch of reads may have been carried out', async () => {
    const [, client] = await clientOf(fake.answersText('', '501 Not Implemented'));
    const error = await failure(client.call('multi', { actions: [{ action: 'deckNames' }] }));
    expect(error).toBeInstanceOf(Unreadable);
    expect(error.message).toMatch(/501.*no other program\.$/);
  });

  it('stops reading beyond 64 MB', async () => {
    const [anki, client] = await clientOf(fake.answersEndlessly);
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
      const [anki, client] = await clientOf(fake.answers(null, ankiMessage));
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
    [
      "'AnkiQt' object has no attribute 'profileDiag'",
      {},
      /profileDiag'\nAnki shows an error.*deckNames shows/,
    ],
    ["'Ui_Dialog' object has no attribute 'buttonBox'", {}, /buttonBox'\n.*guiBrowse with nid/],
    ['sync: auth not configured', {}, /^sync: auth not configured\nNothing was synced.*click Sync in Anki/],
    [
      'Sync status 4 not one of [0, 1]',
      {},
      /^Sync status 4 .*\nNothing was synced: a full sync is due.*Upload or Download/,
    ],
  ])('is followed by what to do: %s %j', async (ankiMessage, options, message) => {
    const [, client] = await clientWith(options, fake.answers(null, ankiMessage));
    const error = await failure(client.call('deckNames', {}));
    expect(error).toBeInstanceOf(AnkiRefused);
    expect(error.message).toMatch(message);
  });

  it('names an action that the installed add-on does not have', async () => {
    const [, client] = await clientOf(fake.answers(null, 'unsupported action'));
    const error = await failure(client.call('guiAddNoteSetData', { note }));
    expect(error).toBeInstanceOf(Unavailable);
    expect(error.message).toMatch(/guiAddNoteSetData.*installed Anki-Connect is older/);
  });

  it('exists only if the member error is not null', async () => {
    const [, client] = await clientOf(fake.answers(null));
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
    const [, client] = await clientWith({ apiKey: key }, behaviour);
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
    const [, client] = await clientWith({ apiKey: key }, fake.answers(replies(key)));
    expect(await client.call('multi', { actions: [] })).toStrictEqual(replies('***'));
  });
});
