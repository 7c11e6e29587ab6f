import { setTimeout as sleep } from 'node:timers/promises';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { note } from '../support/countable-writes.ts';
import { expectIntact } from '../support/database-check.ts';
import { clientOf, mcpHttp, sessionsOn } from '../support/mcp-http.ts';
import { newCollection, startServe } from '../support/served.ts';

const inUse = /is open in another program/;
const ratingsOfEach = 25;

describe('Engine: two servers on one collection', () => {
  test('two clients over HTTP and a program of serve rate cards: each rating counts once', async ({
    task,
  }) => {
    const collection = newCollection();
    const engine = new Engine({ collection, log: () => {}, idleMs: 10, undoIdleMs: 10 });
    onTestFinished(() => engine.close());
    await engine.call('createDeck', { deck: 'Studied' });
    const fronts = Array.from({ length: 90 }, (_, at) => note(`card ${at}`, at < 30 ? 'Studied' : 'Default'));
    await engine.call('addNotes', { notes: fronts });
    const cards = await engine.call('findCards', { query: 'deck:Default' });
    const http = await mcpHttp({ sessionServer: sessionsOn(engine) });
    onTestFinished(() => http.close());
    const serve = startServe('--collection', collection, '--port', '0', '--idle', '0.01');
    const rated = new Map<number, number>();
    const count = (card: number) => rated.set(card, (rated.get(card) ?? 0) + 1);
    let refusals = 0;

    const tool = async (
      { client }: Awaited<ReturnType<typeof clientOf>>,
      name: string,
      args: Record<string, unknown>,
    ) => {
      for (;;) {
        const reply = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
        const [part] = reply.content;
        const text = part?.type === 'text' ? part.text : '';
        if (!inUse.test(text)) return { isError: reply.isError === true, text };
        refusals++;
        await sleep(5);
      }
    };
    const first = await clientOf(http.url);
    const second = await clientOf(http.url);

    const study = async () => {
      let shown = await tool(first, 'study', { action: 'start', deck: 'Studied', only: 'new' });
      for (let at = 0; at < 20; at++) {
        const card = Number(/"cardId":(\d+)/.exec(shown.text)?.[1] ?? 0);
        if (card === 0) break;
        await tool(first, 'study', { action: 'reveal', card });
        shown = await tool(first, 'study', { action: 'rate', card, rating: 4 });
        expect(shown.isError, shown.text).toBe(false);
        count(card);
        // The other client may not rate a card of this session, which ends with its last card.
        const other = await tool(second, 'study', { action: 'rate', rating: 1 });
        expect([other.isError, other.text]).toEqual([
          true,
          expect.stringMatching(/another client studies|No study session is open/),
        ]);
      }
    };
    const answer = async () => {
      for (const card of cards.slice(0, ratingsOfEach)) {
        const answers = [{ cardId: card, ease: 3 }];
        if (!(await tool(second, 'answerCards', { answers })).isError) count(card);
        await sleep(5);
      }
    };
    const served = async () => {
      for (const card of cards.slice(10, 10 + ratingsOfEach)) {
        for (;;) {
          const request = {
            action: 'answerCards',
            version: 6,
            params: { answers: [{ cardId: card, ease: 3 }] },
          };
          const reply: { result: unknown; error: string | null } = JSON.parse(await serve.ask(request));
          if (reply.error === null) count(card);
          else expect(reply.error).toMatch(inUse);
          if (reply.error === null) break;
          refusals++;
          await sleep(5);
        }
        await sleep(5);
      }
    };
    await Promise.all([study(), answer(), served()]);
    serve.child.kill('SIGTERM');
    await serve.exit;
    const all = await engine.call('findCards', { query: '' });
    const log = await engine.call('getReviewsOfCards', { cards: all });
    const stored = Object.entries(log).flatMap(([card, rows]) =>
      rows.length > 0 ? [[Number(card), rows.length]] : [],
    );
    expect(new Map(stored.map(([card = 0, rows = 0]) => [card, rows]))).toEqual(rated);
    expect(refusals).toBeGreaterThan(0);
    await expectIntact(engine);
    task.meta.cases = [...rated.values()].reduce((sum, times) => sum + times, 0);
  });
});
