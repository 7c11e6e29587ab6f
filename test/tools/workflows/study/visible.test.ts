import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Assistant } from '../../../support/assistant.ts';
import { temporaryEngine } from '../../../support/collection.ts';

const { engine, close } = temporaryEngine();
let assistant: Assistant;

const css = `.hidden { display: none }
#i { visibility: hidden }
.faint { opacity: 0 }
.tiny { font-size: 0 }
.clear { color: transparent }
input:checked ~ .box, .hidden:hover { display: block }`;

/** Parts of a question by the name of their card. Each hides the field Back. */
const hiding: Readonly<Record<string, string>> = {
  class: '<div class="hidden">{{Back}}</div>',
  details: '<details><summary>Hint</summary>{{Back}}</details>',
  id: '<div id="i">{{Back}}</div>',
  opacity: '<div class="faint">{{Back}}</div>',
  size: '<span class="tiny">{{Back}}</span>',
  colour: '<span class="clear">{{Back}}</span>',
  template: '<template>{{Back}}</template>',
  noscript: '<noscript>{{Back}}</noscript>',
  dialog: '<dialog>{{Back}}</dialog>',
  datalist: '<datalist><option>{{Back}}</datalist>',
  box: '<input type="checkbox"><p class="box hidden">{{Back}}</p>',
  option: '<select><option>choose<option>{{Back}}</select>',
  style: '<style>.late { display: none }</style><p class="late">{{Back}}</p>',
};

beforeAll(async () => {
  assistant = await Assistant.of(engine);
  await engine.call('createDeck', { deck: 'Leak' });
  await engine.call('createModel', {
    modelName: 'CssHidden',
    inOrderFields: ['Front', 'Back'],
    css,
    isCloze: false,
    cardTemplates: Object.entries(hiding).map(([Name, html]) => ({
      Name,
      Front: `{{Front}}${html}`,
      Back: '{{FrontSide}}<hr id=answer>{{Back}}<center>end</center>',
    })),
  });
  const fields = { Front: 'capital of France', Back: 'PARIS' };
  await engine.call('addNote', { note: { deckName: 'Leak', modelName: 'CssHidden', fields } });
});
afterAll(async () => {
  await assistant.close();
  await close();
});

test('study shows no question with the text that its styles hide, and the complete answer', async () => {
  const questions = new Set<unknown>();
  await assistant.call('study', { action: 'start', deck: 'Leak' });
  for (const _ of Object.keys(hiding)) {
    const revealed = await assistant.call('study', { action: 'reveal' });
    const { question, answer } = z
      .object({ question: z.string(), answer: z.string() })
      .parse(revealed.result);
    questions.add(question);
    expect(question).not.toContain('PARIS');
    expect(answer).toBe('PARIS\nend');
    await assistant.call('study', { action: 'rate', rating: 4 });
  }
  expect(questions).toContain('capital of France\n[hidden]');
  expect(questions).toContain('capital of France\nHint\n[hidden]');
});

test('viewCards and the card resource show the same', async () => {
  const cards = await engine.call('findCards', { query: 'deck:Leak' });
  const shown = (await assistant.call('viewCards', { cards })).text;
  expect(shown.split('PARIS')).toHaveLength(cards.length + 1);
  const { contents } = await assistant.client.readResource({ uri: `anki://card/${cards[0]}` });
  const parts = z.array(z.object({ text: z.string() })).parse(contents);
  const [{ text } = { text: '' }] = parts;
  expect(JSON.parse(text)).toMatchObject({ answer: 'PARIS\nend' });
  expect(text.split('PARIS')).toHaveLength(2);
});
