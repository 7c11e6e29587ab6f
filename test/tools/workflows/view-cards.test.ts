import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Backend } from '../../../src/contract/backend.ts';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { manifest } from '../../../src/tools/manifest.ts';
import { Assistant, type CallResult } from '../../support/assistant.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { desktop } from '../../support/desktop.ts';

let engine: Engine;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
});

afterEach(() => close());

async function view(args: object, backend: Backend = engine): Promise<CallResult> {
  const assistant = await Assistant.of(backend, { tools: manifest() });
  const answer = await assistant.call('viewCards', { ...args });
  await assistant.close();
  return answer;
}

const add = (modelName: string, fields: Record<string, string>): Promise<number> =>
  engine.call('addNote', { note: { deckName: 'Default', modelName, fields } });

const gif = (bytes = 40): Buffer => Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(bytes - 6, 1)]);
const store = (filename: string, data: Buffer) =>
  engine.call('storeMediaFile', { filename, data: data.toString('base64') });

/** Returns the text from "Question:" on. */
const sides = ({ text }: CallResult): string => text.slice(text.indexOf('Question:'));

test('shows the right side of cloze, reversed and typed cards', async () => {
  await add('Cloze', { Text: '{{c1::Rome::city}} lies on the {{c2::Tiber}}, \\(x^2\\)', 'Back Extra': '' });
  await add('Basic (and reversed card)', { Front: 'dog', Back: '<ul><li>Hund</li><li>Köter</li></ul>' });
  await add('Basic (type in the answer)', { Front: 'one', Back: 'eins' });
  const shown = async (query: string) => sides(await view({ query }));
  expect(await shown('rome card:1')).toBe(
    'Question:\n[city] lies on the Tiber, \\(x^2\\)\n\nAnswer (below the question):\nRome lies on the Tiber, \\(x^2\\)',
  );
  expect(await shown('rome card:2')).toMatch(/^Question:\nRome lies on the \[\.\.\.\],/);
  expect(await shown('dog card:1')).toBe('Question:\ndog\n\nAnswer (below the question):\n- Hund\n- Köter');
  expect(await shown('dog card:2')).toBe('Question:\n- Hund\n- Köter\n\nAnswer (below the question):\ndog');
  expect(await shown('one')).toBe('Question:\none [type the answer]\n\nAnswer (below the question):\neins');
});

test('returns each picture once as image content, and says why others are not shown', async () => {
  await store('small cat.gif', gif());
  await store('huge.gif', gif(1_000_001));
  await store('drawing.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
  await store('liar.png', Buffer.from('no picture at all'));
  const pictures = [
    'small%20cat.gif',
    'huge.gif',
    'drawing.svg',
    'liar.png',
    'gone.png',
    'https://a.example/b.png',
  ];
  const first = await add('Basic', {
    Front: pictures.map((name) => `<img src="${name}">`).join(''),
    Back: 'b',
  });
  const second = await add('Basic', { Front: 'again', Back: '<img src="small cat.gif">' });
  const cards = await engine.call('findCards', { query: `nid:${first},${second}` });
  const { content, result, text } = await view({ cards: cards.toSorted((a, b) => a - b) });
  expect(content.map(({ type }) => type)).toEqual(['text', 'image', 'text']);
  expect(content[1]).toMatchObject({ mimeType: 'image/gif', data: gif().toString('base64') });
  expect(result).toBeUndefined();
  const folder = await engine.call('getMediaDirPath', {});
  expect(text).toContain('[image: small cat.gif][image: huge.gif]');
  expect(text).toContain(`huge.gif is not shown: too large: image/gif, 1.0 MB, at ${folder}/huge.gif.`);
  expect(text).toContain(`drawing.svg is not shown: image/svg+xml, 1 KB, at ${folder}/drawing.svg.`);
  expect(text).toContain('liar.png is not shown: of unknown type');
  expect(text).toContain('gone.png is not shown: not in the media folder.');
  expect(text).toContain('https://a.example/b.png is not shown: on the web.');
  expect(text).toContain('small cat.gif: shown above.');
});

test('returns at most 4 MB and 8 files in one call', async () => {
  const names = Array.from({ length: 9 }, (_, index) => `p${index}.gif`);
  for (const name of names) await store(name, gif(name < 'p5' ? 900_000 : 100));
  await add('Basic', { Front: names.map((name) => `<img src="${name}">`).join(''), Back: 'b' });
  const { content, text } = await view({ query: '' });
  const images = content.filter(({ type }) => type === 'image');
  expect(images.map(({ data = '' }) => Buffer.from(data, 'base64').length)).toEqual([
    ...Array.from({ length: 4 }, () => 900_000),
    ...Array.from({ length: 3 }, () => 100),
  ]);
  expect(text).toContain('p4.gif is not shown: too large');
  expect(text).toContain('p8.gif is not shown: only 8 files are read in one call.');
});

test('names sounds on the side where they are played', async () => {
  await add('Basic (and reversed card)', { Front: 'a[sound:a.mp3]', Back: '[sound:b1.mp3]b[sound:b2.mp3]' });
  await add('Cloze', { Text: '{{c1::x [sound:x.mp3]}} y [sound:y.mp3]', 'Back Extra': '' });
  expect(sides(await view({ query: 'note:Basic* card:2' }))).toBe(
    'Question:\n[sound: b1.mp3]b[sound: b2.mp3]\n\nAnswer (below the question):\na[sound: a.mp3]',
  );
  // The question plays one of two sounds, the other is hidden in the blank: the name is uncertain.
  expect(sides(await view({ query: 'note:Cloze' }))).toBe(
    'Question:\n[...] y [sound]\n\nAnswer (below the question):\nx [sound: x.mp3] y [sound: y.mp3]\n\nSounds of the note: x.mp3, y.mp3.',
  );
});

test('shows a search in pages, and says which cards cannot be shown', async () => {
  for (let number = 1; number <= 7; number++) await add('Basic', { Front: `front ${number}`, Back: 'b' });
  const page = await view({ query: 'deck:Default' });
  expect(page.content).toHaveLength(6);
  expect(page.text).toMatch(/front 7[^]*front 3[^]*Shown so far: 5 of 7 cards\. Next page: offset 5\.$/);
  const rest = await view({ query: 'deck:Default', offset: 5 });
  expect(rest.text).toMatch(/front 2[^]*front 1\n\nAnswer \(below the question\):\nb$/);
  const [broken = 0, good = 0] = await engine.call('findCards', { query: '' });
  await engine.call('setSpecificValueOfCard', {
    card: broken,
    keys: ['ord'],
    newValues: [5],
    warning_check: true,
  });
  const { text } = await view({ cards: [broken, good, 12345] });
  expect(text).toContain(`Card ${good}, note`);
  expect(text).toMatch(
    new RegExp(`Card ${broken} cannot be shown: .+\nCard 12345 cannot be shown: no such card`),
  );
  expect((await view({ cards: [good], query: 'x' })).text).toMatch(/^Pass either cards/);
  expect((await view({ query: 'is:foo' })).text).toContain("Anki's search syntax");
});

test('cuts long cards to the budget', async () => {
  for (const name of ['x', 'y', 'z']) await add('Basic', { Front: name, Back: `${name} `.repeat(5_000) });
  const { text } = await view({ query: '' });
  expect(text.length).toBeLessThan(16_000);
  expect(text).toContain('…');
  expect(text).toContain('Shown so far: 2 of 3 cards. Next page: offset 2.');
});

test('takes 3 requests on the desktop, media included', async () => {
  await store('cat.gif', gif());
  for (const Front of ['1', '2', '3'])
    await add('Basic', { Front, Back: '<img src="cat.gif">[sound:a.mp3]' });
  const { backend, requests, close: leave } = await desktop(engine);
  const { content } = await view({ query: '' }, backend);
  await leave();
  expect(content.filter(({ type }) => type === 'image')).toHaveLength(1);
  expect(requests).toHaveLength(3);
});
