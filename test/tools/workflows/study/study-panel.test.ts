import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { panelHandle } from '../../../../src/contract/panels/index.ts';
import { Assistant } from '../../../support/assistant.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { panelClient } from '../../../support/panel-host/client.ts';

let engine: Engine;
let assistant: Assistant;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  assistant = await Assistant.of(engine, {}, panelClient());
  await engine.call('createDeck', { deck: 'D' });
  for (const front of ['one', 'two'])
    await engine.call('addNote', {
      note: { deckName: 'D', modelName: 'Basic', fields: { Front: front, Back: `secret ${front}` } },
    });
});
afterEach(async () => {
  await assistant.close();
  await close();
});

const view = z.looseObject({ session: z.string(), version: z.int(), phase: z.string() });

const startStudy = (action = 'start') =>
  assistant.client.callTool({
    name: 'study',
    arguments: { action, ...(action === 'start' && { deck: 'D' }) },
  });

async function panel(args: object) {
  const { structuredContent } = await assistant.client.callTool({
    name: 'studyPanel',
    arguments: { ...args },
  });
  return view.parse(structuredContent);
}

test('the answer is in no result before it is revealed', async () => {
  const started = await startStudy();
  const shown = await panel({ action: 'show' });
  expect(shown).toMatchObject({ phase: 'question', title: 'D', left: { new: 2 }, canUndo: false });
  const { session, version } = shown;
  const flagged = await panel({ action: 'flag', session, version, flag: 3 });
  expect(JSON.stringify([started, shown, flagged])).not.toContain('secret');
  const answer = await panel({ action: 'reveal', session, version });
  expect(JSON.stringify(answer)).toContain('secret one');
  expect(answer).toMatchObject({ phase: 'answer', flag: 3 });
});

test('a flag or a comment does not send the card and its media again', async () => {
  await startStudy();
  const { session, version } = await panel({ action: 'show' });
  const flagged = await panel({ action: 'flag', session, version, flag: 2 });
  expect(flagged).toMatchObject({ phase: 'same', version, flag: 2 });
  const noted = await panel({ action: 'comment', session, version, text: 'shorter' });
  expect(noted).toMatchObject({ phase: 'same', version, comment: 'shorter' });
  expect(JSON.stringify([flagged, noted])).not.toContain('html');
  expect(await panel({ action: 'show' })).toMatchObject({ phase: 'question', flag: 2, comment: 'shorter' });
  const late = await panel({ action: 'flag', session, version: version - 1, flag: 3 });
  expect(late).toMatchObject({ phase: 'question', flag: 2 });
});

test('the result of study has the session for the panel only in _meta', async () => {
  const started = await startStudy();
  const { session } = z.object({ session: z.string() }).parse(started._meta?.[panelHandle]);
  expect((await panel({ action: 'show', session })).session).toBe(session);
  expect(JSON.stringify([started.content, started.structuredContent])).not.toContain(session);
});

test('calls in a wrong order change nothing', async () => {
  await startStudy();
  const { session, version } = await panel({ action: 'show' });
  const call = (args: object) => assistant.call('studyPanel', { session, version, ...args });
  expect((await call({ action: 'rate', rating: 3 })).text).toContain('Call reveal before rate');
  expect((await call({ action: 'undo' })).text).toContain('nothing to undo');
  expect((await call({ action: 'rate', rating: 5 })).isError).toBe(true);
  expect((await call({ action: 'reveal', session: 'other' })).text).toContain('session is over');
  for (const wrong of [undefined, version - 1, version + 1])
    expect(await panel({ action: 'reveal', session, version: wrong })).toMatchObject({
      phase: 'question',
      notice: expect.stringContaining('Nothing was changed'),
    });
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(0);
});

test('two panels that rate at the same time rate once', async () => {
  await startStudy();
  const { session, version } = await panel({ action: 'show' });
  const { version: revealed } = await panel({ action: 'reveal', session, version });
  const rate = () => panel({ action: 'rate', session, version: revealed, rating: 3 });
  const views = await Promise.all([rate(), rate()]);
  expect(views.map(({ notice }) => notice !== undefined)).toEqual([false, true]);
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(1);
});

test('what the model does in the chat makes the view of the panel outdated', async () => {
  await startStudy();
  const { session, version } = await panel({ action: 'show' });
  await startStudy('reveal');
  const stale = await panel({ action: 'bury', session, version });
  expect(stale).toMatchObject({ phase: 'answer', notice: expect.stringContaining('Nothing was changed') });
  expect(await engine.call('findCards', { query: 'is:buried' })).toEqual([]);
});

test('a panel over another connection of the same host goes on with the session', async () => {
  await startStudy();
  const { session, version } = await panel({ action: 'show' });
  const other = await Assistant.of(engine, {}, panelClient());
  const answer = await other.call('studyPanel', { action: 'reveal', session, version });
  expect(answer.isError).toBe(false);
  await other.close();
  expect(await panel({ action: 'show', session })).toMatchObject({ phase: 'answer' });
});

test('the report names cards that went wrong, until the rating is undone, and comments', async () => {
  await startStudy();
  const { session, version } = await panel({ action: 'show' });
  const { version: answer } = await panel({ action: 'reveal', session, version });
  await panel({ action: 'comment', session, version: answer, text: 'wrong gender' });
  const rated = await panel({ action: 'rate', session, version: answer, rating: 1 });
  expect(rated['report']).toMatch(
    /Rated "Again":\n- card \d+: one\nTo edit later, as the user says:\n- card \d+: wrong gender/,
  );
  const undone = await panel({ action: 'undo', session, version: rated.version });
  expect(undone['report']).not.toContain('Again');
});
