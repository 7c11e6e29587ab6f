import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { panelHandle } from '../../src/contract/panels/index.ts';
import type { Assistant } from '../support/assistant.ts';
import {
  askedFor,
  expectUsableButtons,
  layouts,
  picture,
  violations,
} from '../support/panel-host/examined.ts';
import { panelHtml, type OpenOptions, type OpenPanel, type PanelHost } from '../support/panel-host/host.ts';
import { startPanels, type BackendKind } from '../support/panel-host/start.ts';

let engine: Engine;
let assistant: Assistant;
let host: PanelHost;
let close: () => Promise<void>;

async function startOn(kind: BackendKind): Promise<void> {
  ({ engine, assistant, host, close } = await startPanels(kind));
  for (const deck of ['D', 'E']) await engine.call('createDeck', { deck });
}
afterEach(() => close());

const note = (Front: string, Back = `answer of ${Front}`) => ({ fields: { Front, Back } });
const settings = { deckName: 'D', modelName: 'Basic', review: true };
/** Opens a review and waits until its cards have their height, so that no button moves under the mouse. */
async function open(notes: readonly object[], options?: OpenOptions, more = {}): Promise<OpenPanel> {
  const panel = await host.open('saveNotes', { ...settings, notes, ...more }, options);
  const isDrawn = `!document.querySelector('iframe:not([hidden], [hidden] *, [style*=height])')`;
  await panel.view.locator('h1, [role=status]:not([hidden])').first().waitFor();
  await expect.poll(() => panel.view.evaluate(isDrawn)).toBe(true);
  return panel;
}
const inDeck = (deck: string) => engine.call('findNotes', { query: `deck:${deck}` });
const button = ({ view }: OpenPanel, name: string | RegExp) =>
  view.getByRole('button', { name, exact: true });
const draft = ({ view }: OpenPanel, label: string) => view.getByRole('region', { name: label });
const heading = ({ view }: OpenPanel, text: string | RegExp) =>
  view.getByRole('heading', { name: text }).waitFor();
const said = ({ view }: OpenPanel, text: string | RegExp) => view.getByText(text).first().waitFor();
const counts = (panel: OpenPanel, accepted: number, rejected: number, left: number) =>
  said(panel, `${accepted} accepted · ${rejected} rejected · ${left} not decided`);

/** Saves the accepted drafts. The button names their number, such as 1 note. */
async function save(panel: OpenPanel, notes: string): Promise<void> {
  await button(panel, `Save ${notes}`).click();
  await heading(panel, 'Saved');
}

async function saveAll(panel: OpenPanel, notes: string): Promise<void> {
  await button(panel, 'Accept all').click();
  await save(panel, notes);
}

const fieldsOf = async (query: string) => {
  const notes = await engine.call('notesInfo', { query });
  return notes.map(({ fields = {}, tags }) => [
    ...Object.values(fields).map(({ value }) => value),
    ...(tags ?? []),
  ]);
};

/** Returns the views that the panel received, as the server sends them. */
async function viewOf(panel: OpenPanel) {
  const handle = z.object({ review: z.string() }).parse(panel.result._meta?.[panelHandle]);
  const reply = await assistant.client.callTool({
    name: 'reviewPanel',
    arguments: { action: 'show', ...handle },
  });
  return z.looseObject({ review: z.string(), token: z.string().optional() }).parse(reply.structuredContent);
}

describe.each(['the engine', 'the desktop'] as const)('on %s', (kind) => {
  beforeEach(() => startOn(kind));

  test('tags that the user removed are not saved', async () => {
    const panel = await open([{ ...note('one'), tags: ['wrong'] }]);
    await heading(panel, '1 draft to review');
    await draft(panel, 'notes[0]').getByRole('button', { name: 'Edit' }).click();
    await panel.view.getByLabel('Tags').fill('');
    await button(panel, 'Keep changes').click();
    await said(panel, 'You edited tags.');
    await button(panel, 'Accept notes[0]').click();
    await save(panel, '1 note');
    expect(await fieldsOf('deck:D')).toEqual([['one', 'answer of one']]);
  });

  test('saves what the user accepted and edited, in the deck that the user chose, and sends the model a report', async () => {
    const panel = await open([note('one'), note('two'), note('three'), note('four')]);
    await heading(panel, '4 drafts to review');
    expect(await inDeck('D')).toEqual([]);
    await button(panel, 'Accept notes[0]').click();
    await counts(panel, 1, 0, 3);
    await draft(panel, 'notes[1]').getByRole('button', { name: 'Edit' }).click();
    await panel.view.getByLabel('Front').fill('<b>zwei</b>');
    await panel.view.getByLabel('Tags').fill('number german');
    await button(panel, 'Keep changes').click();
    await said(panel, 'You edited Front, tags.');
    await button(panel, 'Accept notes[1]').click();
    await counts(panel, 2, 0, 2);
    await button(panel, 'Reject notes[2]').click();
    await counts(panel, 2, 1, 1);
    await panel.view.getByLabel('Deck of notes[0]').focus();
    await panel.view.getByLabel('Deck of notes[0]').selectOption('E');
    await said(panel, 'You edited deck.');
    const focused = await panel.view.evaluate('document.activeElement.getAttribute("aria-label")');
    expect(focused).toBe('Deck of notes[0]');
    await save(panel, '2 notes');
    expect(await fieldsOf('deck:E')).toEqual([['one', 'answer of one']]);
    expect(await fieldsOf('deck:D')).toEqual([['<b>zwei</b>', 'answer of two', 'german', 'number']]);
    const report = askedFor(panel, 'context').at(-1);
    for (const part of [
      'notes[0]: created',
      'zwei',
      'german',
      'Rejected, do not save them: notes[2]',
      'notes[0] deck: ',
    ])
      expect(report).toContain(part);
    expect(report).toContain('Not decided, not saved: notes[3]');
    const { text } = await assistant.call('saveNotes', { notes: [], review: true });
    expect(text).toContain('Rejected, do not save them: notes[2]');
    expect(panel.errors).toEqual([]);
  });

  test('shows a duplicate next to the existing note, and updates it or adds another if the user says so', async () => {
    await engine.call('addNote', {
      note: { deckName: 'E', modelName: 'Basic', fields: note('one', 'old answer').fields },
    });
    const panel = await open([note('one', 'new answer')]);
    await said(panel, /In Anki, E \(note \d+, Basic\)/);
    const frames = draft(panel, 'notes[0]').locator('iframe');
    await frames.nth(0).contentFrame().getByText('new answer').waitFor();
    await frames.nth(1).contentFrame().getByText('old answer').waitFor();
    expect(await button(panel, 'Accept notes[0]').isDisabled()).toBe(true);
    const choice = panel.view.getByLabel('This note exists of notes[0]');
    await choice.selectOption('Add this note as well');
    await expect.poll(() => button(panel, 'Accept notes[0]').isEnabled()).toBe(true);
    await choice.selectOption('Update the existing note');
    await said(panel, /changes a note/);
    await button(panel, 'Accept notes[0]').click();
    await save(panel, '1 note');
    expect(await fieldsOf('deck:*')).toEqual([['one', 'new answer']]);
  });

  test('saves nothing if the collection changed after the user accepted a draft', async () => {
    const panel = await open([note('one'), note('two')]);
    await button(panel, 'Accept all').click();
    await counts(panel, 2, 0, 0);
    await engine.call('addNote', { note: { deckName: 'E', modelName: 'Basic', fields: note('one').fields } });
    await button(panel, 'Save 2 notes').click();
    await said(panel, 'Nothing was saved: the collection has changed. Check these drafts again: notes[0].');
    expect(await inDeck('D')).toEqual([]);
    await save(panel, '1 note');
    expect(await fieldsOf('deck:D')).toEqual([['two', 'answer of two']]);
  });
});

describe('on the engine, details', () => {
  beforeEach(() => startOn('the engine'));

  test('accepts, edits, rejects and saves by keyboard alone', async () => {
    const panel = await open([note('one'), note('two'), note('three')]);
    await heading(panel, '3 drafts to review');
    const { keyboard } = panel.page;
    await panel.view.getByRole('heading', { level: 1 }).click();
    await keyboard.press('ArrowDown');
    await keyboard.press('a');
    await counts(panel, 1, 0, 2);
    await expect
      .poll(() => panel.view.evaluate('document.activeElement.getAttribute("aria-labelledby")'))
      .toBe('draft-1');
    await keyboard.press('r');
    await counts(panel, 1, 1, 1);
    await expect
      .poll(() => panel.view.evaluate('document.activeElement.getAttribute("aria-labelledby")'))
      .toBe('draft-2');
    await keyboard.press('e');
    await keyboard.press('Control+a');
    await keyboard.type('drei');
    await keyboard.press('Control+Enter');
    await said(panel, 'You edited Front.');
    await keyboard.press('a');
    await counts(panel, 2, 1, 0);
    await keyboard.press('s');
    await heading(panel, 'Saved');
    expect(await fieldsOf('deck:D')).toEqual([
      ['one', 'answer of one'],
      ['drei', 'answer of three'],
    ]);
  });

  test('has pages for 200 drafts, and saves them all', async () => {
    const panel = await open(Array.from({ length: 200 }, (_, index) => note(`front ${index}`)));
    await said(panel, 'Page 1 of 20');
    await button(panel, 'Next page').click();
    await said(panel, 'Page 2 of 20');
    await draft(panel, 'notes[10]').waitFor();
    await panel.page.keyboard.press('n');
    await said(panel, 'Page 3 of 20');
    await saveAll(panel, '200 notes');
    expect(await inDeck('D')).toHaveLength(200);
    const { text, isError } = await assistant.call('saveNotes', {
      ...settings,
      notes: Array.from({ length: 201 }, (_, index) => note(`more ${index}`)),
    });
    expect([isError, text]).toEqual([true, expect.stringContaining('at most 200 notes')]);
  });

  test('shows the decisions again after a reload', async () => {
    const first = await open([note('one'), note('two')]);
    await button(first, 'Accept notes[0]').click();
    await counts(first, 1, 0, 1);
    const again = await first.reopen();
    await counts(again, 1, 0, 1);
    await save(again, '1 note');
    const late = await first.reopen();
    await heading(late, 'Saved');
    expect(await inDeck('D')).toHaveLength(1);
  });

  test('a panel that is out of date changes nothing, and shows how the drafts are', async () => {
    const first = await open([note('one'), note('two')]);
    await counts(first, 0, 0, 2);
    const second = await first.reopen();
    await button(second, 'Reject notes[0]').click();
    await counts(second, 0, 1, 1);
    await button(first, 'Accept all').click();
    await said(first, 'Nothing was changed: the drafts have changed in another place.');
    await counts(first, 0, 1, 1);
    await saveAll(first, '1 note');
    await button(second, 'Accept notes[1]').click();
    await heading(second, 'Saved');
    expect(await fieldsOf('deck:D')).toEqual([['two', 'answer of two']]);
  });

  test('two reviews at once do not disturb each other', async () => {
    const [first, second] = [await open([note('one')]), await open([note('two')])];
    await saveAll(first, '1 note');
    await counts(second, 0, 0, 1);
    await saveAll(second, '1 note');
    expect(await inDeck('D')).toHaveLength(2);
  });

  test('shows cards of clozes and pictures that are not stored yet, and no script of a field runs', async () => {
    const picture =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const panel = await open([
      {
        modelName: 'Cloze',
        fields: {
          Text: '{{c1::Rome}} and {{c2::Paris}} $x^2$',
          'Back Extra': '<img src=x onerror="alert(1)">',
        },
        media: [{ field: 'Back Extra', filename: 'a.png', data: picture }],
      },
    ]);
    const card = draft(panel, 'notes[0]').locator('iframe').nth(0).contentFrame();
    await card.locator('math').waitFor();
    await card.locator('img[src^="data:"]').waitFor();
    await draft(panel, 'notes[0]').getByRole('button', { name: 'Card 1 of 2' }).click();
    await draft(panel, 'notes[0]').getByRole('button', { name: 'Show question' }).click();
    await card.getByText('[...]').waitFor();
    await saveAll(panel, '1 note');
    expect((await fieldsOf('deck:D'))[0]?.[0]).toContain('\\(x^2\\)');
    expect(await engine.call('retrieveMediaFile', { filename: 'a.png' })).toBe(picture);
    expect(panel.errors).toEqual([]);
  });

  test('shows the first card when an edit removes the one that was shown', async () => {
    const panel = await open([{ modelName: 'Cloze', fields: { Text: '{{c1::a}} {{c2::b}} {{c3::c}}' } }]);
    await button(panel, 'Card 1 of 3').click();
    await button(panel, 'Card 2 of 3').click();
    await button(panel, 'Card 3 of 3').waitFor();
    await button(panel, 'Edit').click();
    await panel.view.getByLabel('Text').fill('{{c1::a}} {{c2::b}}');
    await button(panel, 'Keep changes').click();
    await said(panel, 'You edited Text.');
    expect(await button(panel, /^Card/).allInnerTexts()).toEqual(['Card 1 of 2']);
  });

  test('reviews the rows of a table', async () => {
    const panel = await host.open('importNotes', {
      text: 'Front,Back\none,1\ntwo,2',
      deckName: 'D',
      modelName: 'Basic',
      header: true,
      review: true,
    });
    await button(panel, 'Reject row 2').click();
    await counts(panel, 0, 1, 1);
    await button(panel, 'Accept row 3').click();
    await save(panel, '1 note');
    expect(await fieldsOf('deck:D')).toEqual([['two', '2']]);
  });

  test('the model learns neither the review nor a token, and without them can save nothing', async () => {
    const panel = await open([note('one')]);
    const { review, token = '' } = await viewOf(panel);
    const { _meta, ...seen } = panel.result;
    await button(panel, 'Accept all').click();
    await counts(panel, 1, 0, 0);
    const known = JSON.stringify([seen, panel.asked.filter(({ kind }) => kind !== 'call')]);
    expect(known).not.toContain(review);
    expect(known).not.toContain(token);
    const call = async (args: object) => {
      const { isError, text } = await assistant.call('reviewPanel', { ...args });
      return { isError, text };
    };
    expect(await call({ action: 'show', review: '' })).toMatchObject({ isError: true });
    expect(await call({ action: 'save', review: 'guessed', token: 'guessed' })).toMatchObject({
      isError: true,
    });
    expect(
      (await assistant.call('runAction', { action: 'reviewPanel', params: { action: 'show', review } }))
        .isError,
    ).toBe(true);
    // Without a token, or with one that was used, nothing happens.
    for (const old of [undefined, token, 'x'])
      await call({ action: 'save', review, ...(old !== undefined && { token: old }) });
    expect(await inDeck('D')).toEqual([]);
    await panel.view.getByRole('button', { name: 'Save 1 note' }).click();
    await heading(panel, 'Saved');
    expect(await inDeck('D')).toHaveLength(1);
  });

  test('a token saves once, also if two calls use it at the same time', async () => {
    const panel = await open([note('one')]);
    await button(panel, 'Accept all').click();
    await counts(panel, 1, 0, 0);
    const { review, token } = await viewOf(panel);
    const saveOnce = () =>
      assistant.client.callTool({ name: 'reviewPanel', arguments: { action: 'save', review, token } });
    await Promise.all([saveOnce(), saveOnce(), saveOnce()]);
    expect(await inDeck('D')).toHaveLength(1);
  });

  test('a call without review shows its counts, and a host that passes on no calls says how to go on', async () => {
    const plain = await host.open('saveNotes', { ...settings, review: false, notes: [note('one')] });
    await said(plain, 'Notes: 1 created.');
    const panel = await open([note('two')], { canCall: false });
    await said(panel, 'Continue in the chat');
  });

  test.each(layouts)('is complete and accessible at $width px, $theme, opaque: $opaque', async (options) => {
    await engine.call('addNote', {
      note: {
        deckName: 'E',
        modelName: 'Basic',
        fields: note('What is the capital of Italy?', 'Roma').fields,
      },
    });
    const panel = await open(
      [note('What is the capital of Italy?', 'Rome'), note('The area of a circle', '$A = \\pi r^2$')],
      options,
    );
    await draft(panel, 'notes[1]').locator('iframe').nth(0).contentFrame().locator('math').waitFor();
    expect(await violations(panel)).toEqual([]);
    await draft(panel, 'notes[1]').getByRole('button', { name: 'Edit' }).click();
    expect(await violations(panel)).toEqual([]);
    await expectUsableButtons(panel, options.width);
    await panel.view.getByLabel('Tags').press('Escape');
    await button(panel, 'Accept notes[1]').click();
    await counts(panel, 1, 0, 1);
    expect(await panel.view.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      options.width,
    );
    expect(await violations(panel)).toEqual([]);
    await picture(panel, `review-${options.width}-${options.theme}`);
    await save(panel, '1 note');
    expect(await violations(panel)).toEqual([]);
    expect(panel.errors).toEqual([]);
  });

  test('the page has at most 30 kB and names no address', async () => {
    const html = await panelHtml(assistant.client, 'saveNotes');
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(30_000);
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)[a-z]/);
  });
});
