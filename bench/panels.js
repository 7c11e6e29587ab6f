// The first paint of each panel, beside a bare page in the same host.
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../test/support/find-chromium.js';
import { serveHostPages } from '../test/support/panel-host/pages.js';
import { formatMs, median, report } from './report.js';
import { RpcClient } from './rpc-client.js';

const runs = 9;

/** @typedef {import('playwright-core').Page} Page */

const extension = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } };
const fields = (/** @type {string} */ front) => ({ fields: { Front: front, Back: 'an answer' } });
const drafts = { deckName: 'Bench', modelName: 'Basic', review: true, notes: ['a', 'b', 'c'].map(fields) };

/** @type {readonly [tool: string, args: object][]} */
const panels = [
  ['study', { action: 'start', deck: 'Bench' }],
  ['saveNotes', drafts],
  ['overview', {}],
];
const barePage = '<!doctype html><meta charset="utf-8"><title>Bare</title><p>A bare page</p>';

/** In a frame: returns the time of its first content on the screen, in milliseconds since 1970. */
const firstPaint = `new Promise((resolve) => new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries())
    if (name === 'first-contentful-paint') resolve(performance.timeOrigin + startTime);
}).observe({ type: 'paint', buffered: true }))`;

/**
 * Shows a panel and returns the milliseconds from the start, when the host has the result and the HTML, to its first content.
 * @param {Page} page @param {{ html: string, result: object }} panel @param {string} sandbox
 */
async function timeToPaint(page, { html, result }, sandbox) {
  const options = { html, result, sandbox: `${sandbox}?opaque`, input: {}, theme: 'light', canCall: true };
  const start = Number(
    await page.evaluate(
      `removePanel(); void openPanel(${JSON.stringify(options)}); performance.timeOrigin + performance.now()`,
    ),
  );
  const isPanel = () => page.frames().find((frame) => frame.parentFrame()?.parentFrame());
  for (;;) {
    const painted = await isPanel()
      ?.evaluate(firstPaint)
      .catch(() => undefined);
    if (typeof painted === 'number') return painted - start;
    await page.waitForTimeout(1);
  }
}

/** @param {string} main @param {string} collection */
export async function measurePanels(main, collection) {
  let executablePath;
  try {
    executablePath = findChromium();
  } catch (error) {
    process.stderr.write(
      `The first paint of panels is not measured: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return;
  }
  const client = new RpcClient([main, '--collection', collection]);
  await client.initialize({ extensions: extension });
  await client.call('createDeck', { deck: 'Bench' });
  await client.call('saveNotes', { ...drafts, review: false, notes: [fields('question')] });
  const { result: listed } = await client.request('tools/list');
  const htmlOf = async (/** @type {string} */ tool) => {
    const { _meta } = listed.tools.find((/** @type {{ name: string }} */ { name }) => name === tool);
    const { result } = await client.request('resources/read', { uri: _meta.ui.resourceUri });
    return result.contents[0].text;
  };
  const pages = await serveHostPages();
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  const page = await browser.newPage();
  await page.exposeFunction('toTest', (/** @type {string} */ kind, /** @type {any} */ params) =>
    kind === 'call' ? client.callTool(params.name, params.arguments) : {},
  );
  await page.goto(pages.host);
  /** @type {Map<string, number[]>} */
  const durations = new Map();
  for (let run = 0; run < runs; run++) {
    const bare = await timeToPaint(page, { html: barePage, result: { content: [] } }, pages.sandbox);
    durations.set('bare', [...(durations.get('bare') ?? []), bare]);
    for (const [tool, args] of panels) {
      const panel = { html: await htmlOf(tool), result: await client.callTool(tool, args) };
      const duration = await timeToPaint(page, panel, pages.sandbox);
      durations.set(tool, [...(durations.get(tool) ?? []), duration]);
    }
  }
  const bare = median(durations.get('bare') ?? []);
  for (const [tool] of panels) {
    const ours = median(durations.get(tool) ?? []);
    report(
      `first paint of the panel of \`${tool}\`, minus a bare page in the same host`,
      `${formatMs(ours)} - ${formatMs(bare)} = ${formatMs(ours - bare)}`,
    );
  }
  await browser.close();
  await pages.close();
  await client.end();
}
