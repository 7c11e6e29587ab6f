import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startChromium } from '../support/chromium.ts';
import { cleaned } from '../support/cleaned-card.ts';
import { hostileCards } from '../support/hostile-cards.ts';

/** Returns true if a card set window.ran in any frame. */
async function hasRun(page: Page): Promise<boolean> {
  const ran = page.frames().map((frame) => frame.evaluate('window.ran').catch(() => undefined));
  return (await Promise.all(ran)).some((each) => each !== undefined);
}

/** Records the requests of a page except those for its own parts. */
function requestsOf(page: Page): string[] {
  const requests: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('evil.example')) requests.push(request.url());
  });
  return requests;
}

test('a cleaned card runs and loads nothing, even in a page without a policy', async () => {
  const context = await (await startChromium()).newContext();
  await context.route(/evil/, (route) => route.abort());
  const page = await context.newPage();
  const requests = requestsOf(page);
  const misdeeds = async (html: string): Promise<string[]> => {
    requests.length = 0;
    await page.goto('about:blank');
    await page.setContent(html);
    await page.mouse.click(20, 20);
    return [...((await hasRun(page)) ? ['ran'] : []), ...requests];
  };
  expect(await misdeeds('<script>window.ran=1</script>')).toEqual(['ran']);
  expect(await misdeeds('<img src="https://evil.example/x">')).toEqual(['https://evil.example/x']);
  const found: Record<string, unknown> = {};
  for (const card of hostileCards) {
    const did = await misdeeds(`<div id="around">${await cleaned(card)}</div><p id="after">x</p>`);
    const hasEscaped = await page.evaluate('document.querySelector("body > #around + #after") === null');
    if (did.length > 0 || hasEscaped === true) found[card] = { did, hasEscaped };
  }
  expect(found).toEqual({});
  await context.close();
});
