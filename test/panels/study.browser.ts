import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import {
  askedFor,
  expectUsableButtons,
  layouts,
  picture,
  violations,
} from '../support/panel-host/examined.ts';
import type { OpenPanel, OpenOptions, PanelHost } from '../support/panel-host/host.ts';
import { startPanels, type BackendKind } from '../support/panel-host/start.ts';

const circle =
  '<svg xmlns="http://www.w3.org/2000/svg" width="140" height="140"><circle cx="70" cy="70" r="64" fill="#cfe3ff" stroke="#1a5fb4" stroke-width="3"/><path d="M70 70h64" stroke="#1a5fb4" stroke-width="3"/><text x="98" y="62" font-size="20" font-family="serif" font-style="italic" fill="#1a5fb4">r</text></svg>';

let engine: Engine;
let host: PanelHost;
let close: () => Promise<void>;

async function startOn(kind: BackendKind): Promise<void> {
  ({ engine, host, close } = await startPanels(kind));
  await engine.call('createDeck', { deck: 'D' });
}
afterEach(() => close());

const add = (modelName: string, fields: Record<string, string>) =>
  engine.call('addNote', { note: { deckName: 'D', modelName, fields } });

async function addBasic(...fronts: string[]): Promise<void> {
  for (const front of fronts) await add('Basic', { Front: `Question ${front}`, Back: `answer of ${front}` });
}

const open = (options?: OpenOptions, more = {}) =>
  host.open('study', { action: 'start', deck: 'D', ...more }, options);
const reviews = () => engine.call('getNumCardsReviewedToday', {});
const button = ({ view }: OpenPanel, name: string | RegExp) => view.getByRole('button', { name });
const card = ({ view }: OpenPanel) => view.frameLocator('iframe').locator('#qa');

const shows = ({ view }: OpenPanel, text: string) =>
  view.frameLocator('iframe').getByText(text).first().waitFor();

describe.each(['the engine', 'the desktop'] as const)('on %s', (kind) => {
  beforeEach(() => startOn(kind));

  test('studies by mouse: question, answer, ratings with intervals, undo, and the end', async () => {
    await addBasic('one', 'two');
    const panel = await open();
    await shows(panel, 'Question one');
    expect(JSON.stringify([panel.result, panel.asked])).not.toContain('answer of');
    await button(panel, 'Show answer').click();
    await shows(panel, 'answer of one');
    expect(await button(panel, /^(Again|Hard|Good|Easy) /).allInnerTexts()).toEqual([
      expect.stringMatching(/^Again\s+<1m$/),
      expect.stringMatching(/^Hard\s/),
      expect.stringMatching(/^Good\s/),
      expect.stringMatching(/^Easy\s+\d+d$/),
    ]);
    await button(panel, /^Again/).click();
    await shows(panel, 'Question two');
    expect(await reviews()).toBe(1);
    await button(panel, 'Undo').click();
    await shows(panel, 'Question one');
    expect(await reviews()).toBe(0);
    for (const front of ['one', 'two']) {
      await shows(panel, `Question ${front}`);
      await button(panel, 'Show answer').click();
      await button(panel, /^Easy/).click();
    }
    await panel.view.getByText('2 cards in').waitFor();
    expect(await reviews()).toBe(2);
    expect(panel.errors).toEqual([]);
  });

  test('a panel that shows an earlier card rates nothing and shows where the session is', async () => {
    await addBasic('one', 'two');
    const [first] = [await open()];
    await shows(first, 'Question one');
    await button(first, 'Show answer').click();
    await shows(first, 'answer of one');
    const second = await host.open('study', { action: 'reveal' });
    await shows(second, 'answer of one');
    await button(second, /^Easy/).click();
    await shows(second, 'Question two');
    await button(first, /^Again/).click();
    await first.view.getByText('Nothing was changed').waitFor();
    await shows(first, 'Question two');
    expect(await reviews()).toBe(1);
  });
});

describe('on the engine, details', () => {
  beforeEach(() => startOn('the engine'));

  test('studies by keyboard alone, and a key that is held down rates once', async () => {
    await addBasic('one', 'two', 'three');
    const panel = await open();
    await shows(panel, 'Question one');
    const { keyboard } = panel.page;
    await panel.view.getByRole('heading').click();
    await keyboard.press('Space');
    await shows(panel, 'answer of one');
    await keyboard.down('Space');
    await keyboard.down('Space');
    await keyboard.down('Space');
    await keyboard.up('Space');
    await shows(panel, 'Question two');
    expect(await reviews()).toBe(1);
    await keyboard.press('u');
    await shows(panel, 'Question one');
    await keyboard.press('Space');
    await shows(panel, 'answer of one');
    await keyboard.press('4');
    await shows(panel, 'Question two');
    await card(panel).click();
    await keyboard.press('Space');
    await shows(panel, 'answer of two');
    expect(await reviews()).toBe(1);
  });

  test('compares a typed answer as Anki does', async () => {
    await add('Basic (type in the answer)', { Front: 'capital', Back: 'Rome' });
    const panel = await open();
    const input = panel.view.getByLabel('Your answer');
    await input.fill('Roma');
    expect(await violations(panel)).toEqual([]);
    await input.press('Enter');
    await panel.view.getByText('You typed Roma. The answer is Rome.').waitFor();
    const parts = await panel.view
      .locator('.compared > *')
      .evaluateAll((all) => all.map(({ className, textContent }) => `${className}:${textContent}`));
    expect(parts).toEqual(['good:Rom', 'bad:a', 'good:Rom', 'missed:e']);
    expect(await violations(panel)).toEqual([]);
    // The panel is shown again, and the comparison with it.
    const again = await host.open('study', { action: 'reveal' });
    await again.view.getByText('You typed').waitFor();
  });

  test('shows the session again after a reload, and its answer only if it was revealed', async () => {
    await addBasic('one', 'two');
    const first = await open();
    await button(first, 'Show answer').click();
    await button(first, /^Good/).click();
    await shows(first, 'Question two');
    await first.view.evaluate('document.body.innerHTML = ""');
    const handle = JSON.stringify(first.result._meta);
    const again = await first.reopen();
    await shows(again, 'Question two');
    expect(handle).toContain('session');
    expect(JSON.stringify(again.asked)).not.toContain('answer of two');
  });

  test('buries, flags and notes a card, and sends the model what went wrong', async () => {
    await addBasic('one', 'two');
    const panel = await open();
    await shows(panel, 'Question one');
    await button(panel, 'Bury').click();
    await shows(panel, 'Question two');
    expect(await engine.call('findCards', { query: 'is:buried-manually' })).toHaveLength(1);
    await panel.view.getByLabel('Flag').selectOption('Red');
    await expect.poll(() => engine.call('findCards', { query: 'flag:1' })).toHaveLength(1);
    await button(panel, 'Edit later').click();
    await panel.view.getByLabel('What should be changed').fill('a better picture');
    await button(panel, 'Save note').click();
    await expect.poll(() => askedFor(panel, 'context').at(-1)).toContain('a better picture');
    await button(panel, 'Show answer').click();
    await shows(panel, 'answer of two');
    await button(panel, 'Explain this card').click();
    await expect.poll(() => askedFor(panel, 'message')).toEqual([expect.stringContaining('answer of two')]);
    await button(panel, /^Again/).click();
    await expect.poll(() => askedFor(panel, 'context').at(-1)).toMatch(/Again.*two/);
    await button(panel, 'End').click();
    await button(panel, 'Explain what went wrong').click();
    await expect.poll(() => askedFor(panel, 'message')).toHaveLength(2);
  });

  test.each(layouts)('is complete and accessible at $width px, $theme, opaque: $opaque', async (options) => {
    await engine.call('storeMediaFile', {
      filename: 'circle.svg',
      data: Buffer.from(circle).toString('base64'),
    });
    const fields = {
      Front: 'What is the area of this circle?<br><img src="circle.svg" alt="A circle with the radius r">',
      Back: '\\(A = \\pi r^2\\)<br><a href="https://example.org/">source</a>',
    };
    await engine.call('createDeck', { deck: 'Geometry' });
    await engine.call('addNote', { note: { deckName: 'Geometry', modelName: 'Basic', fields } });
    const panel = await open(options, { deck: 'Geometry' });
    await card(panel).locator('img').waitFor();
    const name = `study-${options.width}-${options.theme}`;
    expect(await violations(panel)).toEqual([]);
    await picture(panel, `${name}-question`);
    await button(panel, 'Show answer').click();
    await card(panel).locator('math').waitFor();
    expect(await violations(panel)).toEqual([]);
    await expectUsableButtons(panel, options.width);
    expect(await panel.view.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      options.width,
    );
    await picture(panel, `${name}-answer`);
    await card(panel).getByText('source').click();
    await expect.poll(() => askedFor(panel, 'link')).toEqual(['{"url":"https://example.org/"}']);
    await button(panel, /^Good/).click();
    await button(panel, 'Show answer').waitFor();
    await button(panel, 'End').click();
    await panel.view.getByText('1 card in').waitFor();
    expect(await violations(panel)).toEqual([]);
    await picture(panel, `${name}-end`);
    expect(panel.errors).toEqual([]);
  });

  test('follows the theme of the host, and shows text from right to left', async () => {
    await add('Basic', { Front: 'مرحبا بالعالم', Back: 'x' });
    const panel = await open();
    await shows(panel, 'مرحبا بالعالم');
    const direction = await card(panel).evaluate((element) => element.matches(':dir(rtl)'));
    expect(direction).toBe(true);
    await panel.page.evaluate('setTheme("dark")');
    await panel.view.frameLocator('iframe').locator('body.night_mode').waitFor();
  });

  test('in a host that passes on no calls, the panel says how to go on', async () => {
    await addBasic('one');
    const panel = await open({ canCall: false });
    await panel.view.getByText('Continue in the chat').waitFor();
    expect(askedFor(panel, 'call')).toEqual([]);
  });

  test('reports an error, shows where the session is, and goes on', async () => {
    await addBasic('one', 'two');
    const panel = await open();
    await button(panel, 'Show answer').click();
    await shows(panel, 'answer of one');
    await engine.call('guiAnswerCard', { ease: 3 });
    await button(panel, /^Again/).click();
    await panel.view.getByText('Nothing was rated').waitFor();
    await shows(panel, 'Question two');
    expect(await reviews()).toBe(1);
  });
});
