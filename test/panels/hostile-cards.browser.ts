import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { panels } from '../../packaging/panels.js';
import type { StudyView } from '../../src/contract/panels/study.ts';
import { startChromium } from '../support/chromium.ts';
import { cleaned } from '../support/cleaned-card.ts';
import { hostileCards } from '../support/hostile-cards.ts';
import { startHost, type HostClient } from '../support/panel-host/host.ts';

/** Returns true if a card set window.ran in any frame. */
async function hasRun(page: Page): Promise<boolean> {
  const ran = page.frames().map((frame) => {
    const value = frame.evaluate('window.ran').catch(() => undefined);
    // A frame inside of the page whose address was refused never answers.
    return frame.parentFrame() ? Promise.race([value, sleep(500)]) : value;
  });
  return (await Promise.all(ran)).some((each) => each !== undefined);
}

/** Refuses and records requests to the web. Those that a policy forbids do not get so far. */
async function requestsOf(page: Page): Promise<string[]> {
  const requests: string[] = [];
  await page.route(/evil\.example/, (route) => {
    requests.push(route.request().url());
    return route.abort();
  });
  return requests;
}

test('a cleaned card runs and loads nothing, even in a page without a policy', async () => {
  const context = await (await startChromium()).newContext();
  const page = await context.newPage();
  const requests = await requestsOf(page);
  const effectsOf = async (html: string): Promise<string[]> => {
    requests.length = 0;
    await page.goto('about:blank');
    await page.setContent(html);
    await page.mouse.click(20, 20);
    return [...((await hasRun(page)) ? ['ran'] : []), ...requests];
  };
  expect(await effectsOf('<script>window.ran=1</script>')).toEqual(['ran']);
  expect(await effectsOf('<img src="https://evil.example/x">')).toEqual(['https://evil.example/x']);
  const found: Record<string, unknown> = {};
  for (const card of hostileCards) {
    const effects = await effectsOf(`<div id="around">${await cleaned(card)}</div><p id="after">x</p>`);
    const hasEscaped = await page.evaluate('document.querySelector("body > #around + #after") === null');
    if (effects.length > 0 || hasEscaped === true) found[card] = { effects, hasEscaped };
  }
  expect(found).toEqual({});
  await context.close();
});

test('in the panel, a card that was not cleaned runs and loads nothing', async () => {
  let shown = -1;
  const nextView = (): StudyView => ({
    session: 'x',
    version: ++shown,
    title: 'D',
    answered: 0,
    canUndo: false,
    canBury: false,
    report: '',
    phase: 'question',
    flag: 0,
    asksTyping: false,
    card: { id: 1, number: 1, text: '', sounds: [], html: hostileCards[shown] ?? 'the end' },
  });
  const html = (await panels())['study'] ?? '';
  const client: HostClient = {
    listTools: async () => ({
      tools: [{ name: 'study', inputSchema: { type: 'object' }, _meta: { ui: { resourceUri: 'ui://x' } } }],
    }),
    readResource: async () => ({
      contents: [{ uri: 'ui://x', mimeType: 'text/html;profile=mcp-app', text: html }],
    }),
    callTool: async () => ({ content: [], structuredContent: nextView() }),
  };
  const host = startHost(client);
  const { page, view } = await host.open('study', {});
  const requests = await requestsOf(page);
  await view.getByRole('button', { name: 'Show answer' }).waitFor();
  shown = -1;
  const found: Record<string, unknown> = {};
  for (const card of hostileCards) {
    requests.length = 0;
    await view.evaluate(showNext);
    const ran = await hasRun(page);
    if (ran || requests.length > 0) found[card] = { ran, requests: [...requests] };
  }
  expect(found).toEqual({});
  await host.close();
});

/** Shows the next card and waits until its frame is loaded. */
const showNext = `Promise.race([
  new Promise((loaded) => document.querySelector('iframe').addEventListener('load', loaded, { once: true })),
  new Promise((late) => setTimeout(late, 2000)),
  document.querySelector('button.primary').click(),
].slice(0, 2))`;
