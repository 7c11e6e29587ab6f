import { expect, onTestFinished, test } from 'vitest';
import { AnkiConnect, type AnkiConnectOptions } from '../../../src/backends/desktop/client.ts';
import { AnkiRefused, Unavailable, Unreachable, Unreadable } from '../../../src/contract/errors.ts';
import { eventually } from '../../support/eventually.ts';
import * as fake from '../../support/fake-anki.ts';
import type { Json } from '../../../src/lib/json.ts';

interface Request {
  readonly action: string;
  readonly version?: number;
  readonly key?: string;
  readonly params: { readonly [name: string]: Json };
}

const requestIn = (body: string): Request => JSON.parse(body);
const childrenOf = ({ action, params }: Request): Request[] =>
  action === 'multi' ? JSON.parse(JSON.stringify(params['actions'])) : [];

/** The actions of each request, in a batch joined by +. */
const asked = (anki: fake.FakeAnki): string[] =>
  anki.requests.map(({ body }) => {
    const request = requestIn(body);
    return (
      childrenOf(request)
        .map(({ action }) => action)
        .join('+') || request.action
    );
  });

/** Answers as the add-on does, from envelopes in JSON; a batch with those of its children. */
const addOn = (envelopes: Readonly<Record<string, string>> = {}): fake.Behaviour =>
  fake.answersWith((body) => {
    const envelope = ({ action, params }: Request) =>
      envelopes[action] ?? JSON.stringify({ result: { action, params }, error: null });
    const request = requestIn(body);
    const children = childrenOf(request);
    return children.length === 0 || envelopes['multi'] !== undefined
      ? envelope(request)
      : `{"result": [${children.map(envelope).join(', ')}], "error": null}`;
  });

const slowly = (envelopes?: Readonly<Record<string, string>>) => fake.late(30, addOn(envelopes));

async function serve(
  options: AnkiConnectOptions,
  ...behaviours: [fake.Behaviour, ...fake.Behaviour[]]
): Promise<[fake.FakeAnki, AnkiConnect]> {
  const anki = await fake.fakeAnki(...behaviours);
  onTestFinished(anki.close);
  return [anki, new AnkiConnect({ url: anki.url, ...options })];
}

const errorOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    (result) => new Error(`no failure, but ${JSON.stringify(result)}`),
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );

test('20 parallel reads take 3 requests, and each gets its own answer', async () => {
  const [anki, client] = await serve({ apiKey: 'secret' }, slowly());
  const ids = Array.from({ length: 20 }, (_, index) => index);
  const answers = await Promise.all(ids.map((id) => client.call('deckNameFromId', { deckId: id })));
  expect(answers).toEqual(ids.map((deckId) => ({ action: 'deckNameFromId', params: { deckId } })));
  expect(anki.requests).toHaveLength(3);
  expect(anki.maxConcurrent).toBe(1);
  const batch = requestIn(anki.requests[1]?.body ?? '{}');
  expect(batch).toMatchObject({ action: 'multi', version: 6, key: 'secret' });
  for (const child of childrenOf(batch)) expect(child).toMatchObject({ version: 6, key: 'secret' });
});

test('writes travel alone, and no read passes one', async () => {
  const [anki, client] = await serve({}, slowly());
  const order = [
    () => client.call('deckNames', {}),
    () => client.call('getTags', {}),
    () => client.call('modelNames', {}),
    () => client.call('createDeck', { deck: 'A' }),
    () => client.call('createDeck', { deck: 'B' }),
    () => client.call('deckNames', {}),
    () => client.call('getDeckStats', { decks: ['A'] }), // makes the deck if it is missing
    () => client.call('getProfiles', {}),
    () => client.call('version', {}),
    () => client.call('multi', { actions: [{ action: 'getTags' }] }),
    () => client.call('getTags', {}),
  ];
  await Promise.all(order.map((call) => call()));
  expect(asked(anki)).toEqual([
    'deckNames',
    'getTags+modelNames',
    'createDeck',
    'createDeck',
    'deckNames',
    'getDeckStats',
    'getProfiles+version',
    'getTags',
    'getTags',
  ]);
  expect(requestIn(anki.requests[7]?.body ?? '{}').action).toBe('multi');
});

test('reading of much at once takes a request of its own', async () => {
  const [anki, client] = await serve({}, slowly());
  const cards = Array.from({ length: 101 }, (_, index) => index);
  await Promise.all([
    client.call('version', {}),
    client.call('version', {}),
    client.call('cardsInfo', { cards }),
    client.call('version', {}),
    client.call('cardsInfo', { cards: [1] }),
  ]);
  expect(asked(anki)).toEqual(['version', 'version', 'cardsInfo', 'version+cardsInfo']);
});

test('an answer and an error are what they would be alone', async () => {
  const envelopes = {
    notesInfo: '{"result": [{"id": -8446744073709551617, "q": NaN}], "error": null}',
    findNotes: '{"result": null, "error": ""}',
    modelStyling: '{"result": null, "error": "model was not found: secret"}',
    apiReflect: '{"result": null, "error": "unsupported action"}',
    getTags: '{"result": null, "error": "collection is not available"}',
    cardsInfo: '{"result": [{"error": "on a card"}], "error": null}',
    getActiveProfile: '{"result": null, "error": null}',
    modelNames: '[]',
  };
  const [anki, client] = await serve({ apiKey: 'secret' }, slowly(envelopes));
  const calls = [
    () => client.request('notesInfo', { notes: [9223372036854775807n] }),
    () => client.call('findNotes', { query: '(' }),
    () => client.call('modelStyling', { modelName: 'secret' }),
    () => client.request('apiReflect', {}),
    () => client.call('getTags', {}),
    () => client.call('cardsInfo', { cards: [1] }),
    () => client.call('getActiveProfile', {}),
    () => client.call('modelNames', {}),
  ];
  const first = client.call('version', {});
  const joined = await Promise.allSettled(calls.map((call) => call()));
  await first;
  // The one without an envelope was asked for again, alone.
  expect(asked(anki).map((names) => names.split('+').length)).toEqual([1, 8, 1]);
  expect(anki.requests[1]?.body).toContain('"notes":[9223372036854775807]');
  const alone: PromiseSettledResult<unknown>[] = [];
  for (const call of calls) alone.push(...(await Promise.allSettled([call()])));
  expect(joined).toStrictEqual(alone);
  const words = joined.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : outcome.value));
  expect(words.slice(0, 3)).toEqual([
    [{ id: -8446744073709551617n, q: null }],
    new AnkiRefused(''),
    new AnkiRefused('model was not found: ***'),
  ]);
  expect(words[3]).toBeInstanceOf(Unavailable);
  expect(words[7]).toBeInstanceOf(Unreadable);
});

test('one that is cancelled on the way is ignored; with the last the request is given up', async () => {
  let release = () => {};
  const mayAnswer = new Promise<void>((resolve) => (release = resolve));
  const held: fake.Behaviour = async (socket, request) => {
    await mayAnswer;
    return addOn()(socket, request);
  };
  const [anki, client] = await serve({}, slowly(), held, fake.hangs, addOn());
  const cancels = Array.from({ length: 4 }, () => new AbortController());
  const options = cancels.map(({ signal }) => ({ signal }));
  const first = client.call('version', {});
  const [kept, left] = [client.call('getTags', {}), errorOf(client.call('deckNames', {}, options[0]))];
  const unsent = errorOf(client.call('modelNames', {}, options[1]));
  cancels[1]?.abort();
  expect((await unsent).message).toBe('modelNames was cancelled before it was sent.');
  await first;
  await eventually(() => expect(anki.connections).toBe(2));
  cancels[0]?.abort();
  expect((await left).message).toBe('deckNames was cancelled before Anki answered.');
  release();
  expect(await kept).toHaveProperty('action', 'getTags');
  expect(asked(anki)).toEqual(['version', 'getTags+deckNames']);

  const alone = errorOf(client.call('createDeck', { deck: 'hangs' }, options[2]));
  const two = [options[3], options[3]].map((option) => errorOf(client.call('getTags', {}, option)));
  await eventually(() => expect(anki.requests).toHaveLength(3));
  cancels[3]?.abort();
  cancels[2]?.abort();
  await Promise.all([alone, ...two]);
  expect(await client.call('version', {})).toHaveProperty('action', 'version');
  expect(asked(anki).slice(2)).toEqual(['createDeck', 'version']);
});

test('with all of them cancelled, the next call does not wait', async () => {
  const [anki, client] = await serve({}, slowly(), fake.hangs, addOn());
  const cancel = new AbortController();
  const first = client.call('version', {});
  const two = [1, 2].map(() => errorOf(client.call('getTags', {}, { signal: cancel.signal })));
  await first;
  await eventually(() => expect(anki.requests).toHaveLength(2));
  cancel.abort();
  expect((await Promise.all(two)).map(({ name }) => name)).toEqual(['AbortError', 'AbortError']);
  expect(await client.call('version', {})).toHaveProperty('action', 'version');
});

test('each has its own limit and its own words when no answer comes', async () => {
  const [anki, client] = await serve({ timeoutMs: 80 }, slowly(), fake.hangs, addOn());
  const first = client.call('version', {});
  const errors = [errorOf(client.call('getTags', {})), errorOf(client.call('deckNames', {}))];
  await first;
  const [tags, decks] = await Promise.all(errors);
  expect(tags).toBeInstanceOf(Unreachable);
  expect(tags?.message).toMatch(/did not answer getTags within 0\.08 s/);
  expect(decks?.message).toMatch(/did not answer deckNames within 0\.08 s/);
  expect(await client.call('version', {})).toHaveProperty('action', 'version');
  expect(anki.connections).toBe(3);
});

test.each<[string, fake.Behaviour]>([
  ['the connection breaks', fake.resetsAfterReading],
  ['something else answers', fake.answersText('<html>')],
  ['the batch is refused', fake.answers(null, 'no batches today')],
  ['an answer is missing', fake.answers([])],
  ['it is larger than can be read', fake.answersEndlessly],
])('if %s, each read goes alone', async (_case, behaviour) => {
  const [anki, client] = await serve({}, slowly(), behaviour, addOn());
  const calls = [
    client.call('version', {}),
    client.call('getTags', {}),
    client.call('deckNames', {}),
  ] as const;
  expect(await Promise.all(calls)).toMatchObject([
    { action: 'version' },
    { action: 'getTags' },
    { action: 'deckNames' },
  ]);
  expect(asked(anki)).toEqual(['version', 'getTags+deckNames', 'getTags', 'deckNames']);
});

test('each says so itself that Anki hung up, after one more try', async () => {
  const [anki, client] = await serve({}, slowly(), fake.closesAfterReading);
  const first = client.call('version', {});
  const errors = [errorOf(client.call('getTags', {})), errorOf(client.call('deckNames', {}))];
  await first;
  const [tags, decks] = await Promise.all(errors);
  expect(tags?.message).toMatch(/closed the connection without answering getTags/);
  expect(decks?.message).toMatch(/closed the connection without answering deckNames/);
  const each = ['getTags', 'getTags', 'deckNames', 'deckNames'];
  expect(asked(anki)).toEqual(['version', 'getTags+deckNames', ...each]);
});

test('an add-on without multi is asked one by one ever after', async () => {
  const old = slowly({ multi: '{"result": null, "error": "unsupported action"}' });
  const [anki, client] = await serve({}, old);
  for (let round = 0; round < 2; round++) {
    await Promise.all([1, 2, 3].map((deckId) => client.call('deckNameFromId', { deckId })));
  }
  const each = 'deckNameFromId';
  expect(asked(anki)).toEqual([each, `${each}+${each}`, each, each, each, each, each]);
});
