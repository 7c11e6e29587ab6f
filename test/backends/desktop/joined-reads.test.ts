import { expect, test } from 'vitest';
import { AnkiRefused, Unavailable, Unreachable, Unreadable } from '../../../src/contract/errors.ts';
import { eventually } from '../../support/eventually.ts';
import * as fake from '../../support/fake-anki.ts';
import { clientWith, failure } from './clients.ts';
import type { Json } from '../../../src/lib/json.ts';

interface SentRequest {
  readonly action: string;
  readonly version?: number;
  readonly key?: string;
  readonly params: { readonly [name: string]: Json };
}

const requestIn = (body: string): SentRequest => JSON.parse(body);
const childrenOf = ({ action, params }: SentRequest): SentRequest[] =>
  action === 'multi' ? JSON.parse(JSON.stringify(params['actions'])) : [];

/** Returns the action of each request; those of a batch are joined by +. */
const sentActions = (anki: fake.FakeAnki): string[] =>
  anki.requests.map(({ body }) => {
    const request = requestIn(body);
    return (
      childrenOf(request)
        .map(({ action }) => action)
        .join('+') || request.action
    );
  });

/** Replies as the add-on does, with these envelopes (JSON by action); to a batch with those of its children. */
const addOn = (envelopes: Readonly<Record<string, string>> = {}): fake.Behaviour =>
  fake.answersWith((body) => {
    const envelope = ({ action, params }: SentRequest) =>
      envelopes[action] ?? JSON.stringify({ result: { action, params }, error: null });
    const request = requestIn(body);
    const children = childrenOf(request);
    return children.length === 0 || envelopes['multi'] !== undefined
      ? envelope(request)
      : `{"result": [${children.map(envelope).join(', ')}], "error": null}`;
  });

const slowly = (envelopes?: Readonly<Record<string, string>>) => fake.late(30, addOn(envelopes));

test('20 parallel reads take 3 requests, and each gets its own result', async () => {
  const [anki, client] = await clientWith({ apiKey: 'secret' }, slowly());
  const ids = Array.from({ length: 20 }, (_, index) => index);
  const results = await Promise.all(ids.map((id) => client.call('deckNameFromId', { deckId: id })));
  expect(results).toEqual(ids.map((deckId) => ({ action: 'deckNameFromId', params: { deckId } })));
  expect(anki.requests).toHaveLength(3);
  expect(anki.maxConcurrent).toBe(1);
  const batch = requestIn(anki.requests[1]?.body ?? '{}');
  expect(batch).toMatchObject({ action: 'multi', version: 6, key: 'secret' });
  for (const child of childrenOf(batch)) expect(child).toMatchObject({ version: 6, key: 'secret' });
});

test('writes are sent alone, and the order of reads and writes is kept', async () => {
  const [anki, client] = await clientWith({}, slowly());
  const order = [
    () => client.call('deckNames', {}),
    () => client.call('getTags', {}),
    () => client.call('modelNames', {}),
    () => client.call('createDeck', { deck: 'A' }),
    () => client.call('createDeck', { deck: 'B' }),
    () => client.call('deckNames', {}),
    () => client.call('getDeckStats', { decks: ['A'] }), // creates a missing deck
    () => client.call('getProfiles', {}),
    () => client.call('version', {}),
    () => client.call('multi', { actions: [{ action: 'getTags' }] }),
    () => client.call('getTags', {}),
  ];
  await Promise.all(order.map((call) => call()));
  expect(sentActions(anki)).toEqual([
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

test('a read of many items is sent alone', async () => {
  const [anki, client] = await clientWith({}, slowly());
  const cards = Array.from({ length: 101 }, (_, index) => index);
  await Promise.all([
    client.call('version', {}),
    client.call('version', {}),
    client.call('cardsInfo', { cards }),
    client.call('version', {}),
    client.call('cardsInfo', { cards: [1] }),
  ]);
  expect(sentActions(anki)).toEqual(['version', 'version', 'cardsInfo', 'version+cardsInfo']);
});

test('results and errors are the same as without joining', async () => {
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
  const [anki, client] = await clientWith({ apiKey: 'secret' }, slowly(envelopes));
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
  // The call whose reply had no envelope was sent again, alone.
  expect(sentActions(anki).map((names) => names.split('+').length)).toEqual([1, 8, 1]);
  expect(anki.requests[1]?.body).toContain('"notes":[9223372036854775807]');
  const alone: PromiseSettledResult<unknown>[] = [];
  for (const call of calls) alone.push(...(await Promise.allSettled([call()])));
  expect(joined).toStrictEqual(alone);
  const outcomes = joined.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : outcome.value));
  expect(outcomes.slice(0, 3)).toEqual([
    [{ id: -8446744073709551617n, q: null }],
    new AnkiRefused(''),
    new AnkiRefused('model was not found: ***'),
  ]);
  expect(outcomes[3]).toBeInstanceOf(Unavailable);
  expect(outcomes[7]).toBeInstanceOf(Unreadable);
});

test('the reply to a cancelled call is ignored; if all are cancelled, the request is aborted', async () => {
  let release = () => {};
  const mayAnswer = new Promise<void>((resolve) => (release = resolve));
  const delayed: fake.Behaviour = async (socket, request) => {
    await mayAnswer;
    return addOn()(socket, request);
  };
  const [anki, client] = await clientWith({}, slowly(), delayed, fake.hangs, addOn());
  const cancels = Array.from({ length: 4 }, () => new AbortController());
  const options = cancels.map(({ signal }) => ({ signal }));
  const first = client.call('version', {});
  const [kept, cancelled] = [client.call('getTags', {}), failure(client.call('deckNames', {}, options[0]))];
  const unsent = failure(client.call('modelNames', {}, options[1]));
  cancels[1]?.abort();
  expect((await unsent).message).toBe('modelNames was cancelled before it was sent.');
  await first;
  await eventually(() => expect(anki.connections).toBe(2));
  cancels[0]?.abort();
  expect((await cancelled).message).toBe('deckNames was cancelled before Anki answered.');
  release();
  expect(await kept).toHaveProperty('action', 'getTags');
  expect(sentActions(anki)).toEqual(['version', 'getTags+deckNames']);

  const alone = failure(client.call('createDeck', { deck: 'hangs' }, options[2]));
  const two = [options[3], options[3]].map((option) => failure(client.call('getTags', {}, option)));
  await eventually(() => expect(anki.requests).toHaveLength(3));
  cancels[3]?.abort();
  cancels[2]?.abort();
  await Promise.all([alone, ...two]);
  expect(await client.call('version', {})).toHaveProperty('action', 'version');
  expect(sentActions(anki).slice(2)).toEqual(['createDeck', 'version']);
});

test('if all joined calls are cancelled, the next call is sent at once', async () => {
  const [anki, client] = await clientWith({}, slowly(), fake.hangs, addOn());
  const cancel = new AbortController();
  const first = client.call('version', {});
  const two = [1, 2].map(() => failure(client.call('getTags', {}, { signal: cancel.signal })));
  await first;
  await eventually(() => expect(anki.requests).toHaveLength(2));
  cancel.abort();
  expect((await Promise.all(two)).map(({ name }) => name)).toEqual(['AbortError', 'AbortError']);
  expect(await client.call('version', {})).toHaveProperty('action', 'version');
});

test('each joined call has its own timeout and error message', async () => {
  const [anki, client] = await clientWith({ timeoutMs: 80 }, slowly(), fake.hangs, addOn());
  const first = client.call('version', {});
  const errors = [failure(client.call('getTags', {})), failure(client.call('deckNames', {}))];
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
  ['another program replies', fake.answersText('<html>')],
  ['the batch is refused', fake.answers(null, 'batches are refused')],
  ['a reply is missing', fake.answers([])],
  ['the reply is too large', fake.answersEndlessly],
])('if %s, each read is sent alone', async (_case, behaviour) => {
  const [anki, client] = await clientWith({}, slowly(), behaviour, addOn());
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
  expect(sentActions(anki)).toEqual(['version', 'getTags+deckNames', 'getTags', 'deckNames']);
});

test('if Anki closes the connection, each call is sent once more and has its own error', async () => {
  const [anki, client] = await clientWith({}, slowly(), fake.closesAfterReading);
  const first = client.call('version', {});
  const errors = [failure(client.call('getTags', {})), failure(client.call('deckNames', {}))];
  await first;
  const [tags, decks] = await Promise.all(errors);
  expect(tags?.message).toMatch(/closed the connection without answering getTags/);
  expect(decks?.message).toMatch(/closed the connection without answering deckNames/);
  const each = ['getTags', 'getTags', 'deckNames', 'deckNames'];
  expect(sentActions(anki)).toEqual(['version', 'getTags+deckNames', ...each]);
});

test('if the add-on has no multi, calls are never joined again', async () => {
  const old = slowly({ multi: '{"result": null, "error": "unsupported action"}' });
  const [anki, client] = await clientWith({}, old);
  for (let round = 0; round < 2; round++) {
    await Promise.all([1, 2, 3].map((deckId) => client.call('deckNameFromId', { deckId })));
  }
  const each = 'deckNameFromId';
  expect(sentActions(anki)).toEqual([each, `${each}+${each}`, each, each, each, each, each]);
});
