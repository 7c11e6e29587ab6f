import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { askedFor, layouts, picture, violations } from '../support/panel-host/examined.ts';
import type { OpenPanel, PanelHost } from '../support/panel-host/host.ts';
import { startPanels, type BackendKind } from '../support/panel-host/start.ts';
import { collectionWithHistory } from '../support/review-history.ts';

let engine: Engine;
let host: PanelHost;
let close: () => Promise<void>;

interface Start {
  readonly on?: BackendKind;
  /** Path of an existing collection. */
  readonly collection?: string;
}

async function start({ on = 'the engine', ...options }: Start = {}): Promise<void> {
  ({ engine, host, close } = await startPanels(on, options));
}
afterEach(() => close());

async function add(deckName: string, ...fronts: string[]): Promise<void> {
  await engine.call('createDeck', { deck: deckName });
  const notes = fronts.map((Front) => ({ deckName, modelName: 'Basic', fields: { Front, Back: 'b' } }));
  if (notes.length > 0) await engine.call('addNotes', { notes });
}

/** Starts with a year of reviews in a tree of decks, and some leeches. */
async function startWithHistory(on: BackendKind = 'the engine'): Promise<void> {
  await start({ on, collection: await collectionWithHistory({ reviewed: 500, unseen: 40 }) });
  const cards = await engine.call('findCards', { query: '' });
  const decks = ['Spanish::Verbs', 'Spanish::Nouns', 'Geography', 'Geography::Capitals', 'العربية'];
  for (const [index, deck] of decks.entries())
    await engine.call('changeDeck', { deck, cards: cards.filter((_, at) => at % decks.length === index) });
  const forgotten = await engine.call('findCards', { query: 'prop:lapses>=2' });
  const notes = await engine.call('cardsToNotes', { cards: forgotten.slice(0, 3) });
  await engine.call('addTags', { notes, tags: 'leech' });
}

const button = ({ view }: OpenPanel, name: string | RegExp) => view.getByRole('button', { name });
const row = ({ view }: OpenPanel, name: string | RegExp) => view.getByRole('row', { name });
const rowNames = ({ view }: OpenPanel) => view.locator('tbody bdi').allInnerTexts();
const loaded = ({ view }: OpenPanel) => view.getByRole('heading', { name: 'Retention' }).waitFor();
const messages = (panel: OpenPanel) =>
  askedFor(panel, 'message').map((text) => /"text":(".*")\}/.exec(text)?.[1]);

describe.each(['the engine', 'the desktop'] as const)('on %s', (on) => {
  test('shows decks, reviews, the forecast, retention, and what to do next', async () => {
    await startWithHistory(on);
    const panel = await host.open('overview', {});
    await loaded(panel);
    expect(await rowNames(panel)).toEqual([
      'Default',
      'Geography',
      'Capitals',
      'Spanish',
      'Nouns',
      'Verbs',
      'العربية',
    ]);
    const [decks] = [await engine.call('getDeckStats', { decks: ['Spanish'] })];
    const [spanish] = Object.values(decks);
    await row(
      panel,
      `Spanish ${spanish?.new_count} ${spanish?.learn_count} ${spanish?.review_count}`,
    ).waitFor();
    const answers = await engine.call('getNumCardsReviewedByDay', {});
    const [day, count] = answers[0] ?? [];
    expect(await panel.view.locator(`rect:has(title:text-is("${day}: ${count} reviews"))`).count()).toBe(1);
    const tomorrow = await engine.call('findCards', { query: 'prop:due=1' });
    const cells = panel.view.getByRole('table', { name: 'Due cards per day' }).getByRole('row').nth(2);
    expect(await cells.getByRole('cell').allInnerTexts()).toEqual([String(tomorrow.length), '0']);
    await panel.view
      .getByText(/^\d+ %$/)
      .first()
      .waitFor();
    await button(panel, 'Repair 3 leeches').click();
    await expect.poll(() => messages(panel)).toEqual([expect.stringContaining('repair 3 leeches')]);
    expect(askedFor(panel, 'call')).toEqual(['{"name":"overviewPanel","arguments":{}}']);
    expect(panel.errors).toEqual([]);
  });

  test('after insights about a deck, shows that deck and those below it', async () => {
    await startWithHistory(on);
    const panel = await host.open('insights', { deck: 'geography', sections: ['forecast'] });
    await loaded(panel);
    await panel.view.getByRole('heading', { name: 'Geography', level: 1 }).waitFor();
    expect(await rowNames(panel)).toEqual(['Geography', 'Capitals']);
    await button(panel, /^Study Geography \(/).click();
    await expect.poll(() => messages(panel)).toEqual([String.raw`"Let me study the deck \"Geography\"."`]);
  });
});

test('works by keyboard alone: the tree has one stop, arrows move in it, Enter studies', async () => {
  await start();
  await add('A', 'a');
  await add('A::B::C', 'c');
  await add('Z', 'z');
  const panel = await host.open('overview', {});
  await loaded(panel);
  const { keyboard } = panel.page;
  const focused = () => panel.view.evaluate('document.activeElement.querySelector("bdi")?.textContent');
  await button(panel, /^Study A \(/).focus();
  await keyboard.press('Tab');
  expect(await focused()).toBe('A');
  for (const [key, name] of [
    ['ArrowRight', 'B'],
    ['ArrowRight', 'C'],
    ['ArrowLeft', 'B'],
    ['ArrowLeft', 'B'],
    ['ArrowDown', 'Default'],
    ['ArrowUp', 'B'],
    ['ArrowLeft', 'A'],
    ['End', 'Z'],
    ['ArrowDown', 'Z'],
    ['Home', 'A'],
    ['ArrowUp', 'A'],
  ] as const) {
    await keyboard.press(key);
    expect(await focused(), key).toBe(name);
  }
  expect(await rowNames(panel)).toEqual(['A', 'B', 'Default', 'Z']);
  await row(panel, /^B/).and(panel.view.locator('[aria-expanded=false][aria-level="2"]')).waitFor();
  await keyboard.press('Space');
  expect(await rowNames(panel)).toEqual(['A', 'Default', 'Z']);
  await keyboard.press('Enter');
  await expect.poll(() => messages(panel)).toEqual([String.raw`"Let me study the deck \"A\"."`]);
  const text = () => panel.view.evaluate('document.activeElement.textContent');
  await keyboard.press('Tab');
  expect(await text()).toBe('Study');
  await keyboard.press('ArrowLeft');
  expect(await focused()).toBe('A');
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  expect(await text()).toBe('Refresh');
});

test('a click sends one message, also a double click, until the numbers are read again', async () => {
  await start();
  await add('D', 'a');
  const panel = await host.open('overview', {});
  await loaded(panel);
  const study = row(panel, /^D/).getByRole('button');
  await study.dblclick();
  await button(panel, /^Study D \(/).click();
  await panel.view.getByText('Sent to the chat').waitFor();
  expect(messages(panel)).toHaveLength(1);
  await add('D', 'b');
  await button(panel, 'Refresh').click();
  await row(panel, 'D 2 0 0').waitFor();
  await study.click();
  await expect.poll(() => messages(panel)).toHaveLength(2);
});

test('an empty collection says how to begin', async () => {
  await start();
  const panel = await host.open('overview', {});
  await loaded(panel);
  await panel.view.getByText('Nothing is left to study.').waitFor();
  await panel.view.getByText('No reviews in the last 53 weeks.').first().waitFor();
  await panel.view.getByText('No due card was reviewed').waitFor();
  expect(await violations(panel)).toEqual([]);
  await button(panel, 'Make the first cards').click();
  await expect.poll(() => messages(panel)).toHaveLength(1);
  expect(panel.errors).toEqual([]);
});

test('shows 500 decks: the top level first, every deck in its place', async () => {
  await start();
  for (let index = 1; index <= 500; index++)
    await engine.call('createDeck', { deck: `Top ${index % 10}::Deck ${index}` });
  const panel = await host.open('overview', {});
  await loaded(panel);
  // The result of overview contains the top level only, which is few decks.
  expect(await rowNames(panel)).toHaveLength(11);
  await row(panel, /^Top 3 /).click();
  const names = await rowNames(panel);
  expect(names).toHaveLength(61);
  expect(names.slice(4, 7)).toEqual(['Top 3', 'Deck 3', 'Deck 13']);
  expect(panel.errors).toEqual([]);
});

test('deck names are text: HTML in them does nothing, and each keeps its own direction', async () => {
  await start();
  const hostile = '<img src=x onerror=alert(1)></table><script>alert(2)</script>';
  const names = [hostile, '__proto__', 'قواعد النحو', 'x'.repeat(400), 'quote " and\u202E turned'];
  for (const name of names) await add(name, `front of ${name}`);
  const panel = await host.open('overview', {}, { width: 360 });
  await loaded(panel);
  expect(await rowNames(panel)).toHaveLength(names.length + 1);
  await panel.view.getByText(hostile, { exact: true }).waitFor();
  expect(await panel.view.locator('#panel script, #panel img').count()).toBe(0);
  const isRtl = await panel.view
    .locator('tbody bdi', { hasText: 'قواعد' })
    .evaluate((name) => name.matches(':dir(rtl)'));
  expect(isRtl).toBe(true);
  expect(await panel.view.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  await row(panel, /^quote/)
    .getByRole('button')
    .click();
  await expect.poll(() => messages(panel)).toEqual([expect.stringContaining(String.raw`\\\" and`)]);
  expect(await violations(panel)).toEqual([]);
  expect(panel.errors).toEqual([]);
});

test('a host that passes on no calls shows the decks of the result, and one without messages says what to say', async () => {
  await start();
  await add('D', 'a');
  const silent = await host.open('overview', {}, { canCall: false });
  await row(silent, 'D 1 0 0').waitFor();
  await silent.view.getByText('The numbers are in the chat.').waitFor();
  expect(askedFor(silent, 'call')).toEqual([]);
  const mute = await host.open('overview', {}, { canMessage: false });
  await mute.view.getByText('Say: Let me study the deck "D".').waitFor();
  expect(await mute.view.getByRole('button').allInnerTexts()).toEqual(['Refresh']);
});

test('an error is shown and Refresh tries again', async () => {
  await start();
  await add('D', 'a');
  const panel = await host.open('insights', { deck: 'D', sections: ['forecast'] });
  await loaded(panel);
  await engine.call('deleteDecks', { decks: ['D'], cardsToo: true });
  await button(panel, 'Refresh').click();
  await panel.view.getByText('Deck "D" does not exist.').waitFor();
  await add('D', 'a', 'b');
  await button(panel, 'Refresh').click();
  await row(panel, 'D 2 0 0').waitFor();
  expect(await panel.view.getByText('does not exist').count()).toBe(0);
});

test.each(layouts)('is complete and accessible at $width px, $theme, opaque: $opaque', async (options) => {
  await startWithHistory();
  const panel = await host.open('overview', {}, options);
  await loaded(panel);
  await panel.view.getByRole('img').nth(1).waitFor();
  expect(await violations(panel)).toEqual([]);
  expect(await panel.view.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
    options.width,
  );
  for (const each of await panel.view.locator('button, tbody tr[tabindex]').all())
    expect((await each.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  const table = panel.view.getByRole('table', { name: 'Reviews per day' });
  expect(await table.getByRole('row').count()).toBeGreaterThan(52);
  const chart = panel.view.getByRole('img', { name: /reviews on/ });
  const texts = await chart
    .locator('text')
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().right));
  expect(Math.max(...texts)).toBeLessThanOrEqual(options.width);
  await picture(panel, `overview-${options.width}-${options.theme}`);
  expect(panel.errors).toEqual([]);
});
