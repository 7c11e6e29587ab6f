import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { isObject, type JsonObject } from '../../../src/lib/json.ts';
import { mediaPolicy } from '../../../src/tools/media/media-policy.ts';
import { Assistant, type CallResult } from '../../support/assistant.ts';
import { engine } from '../../support/saving.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const size = { width: 200, height: 100 };
const blue = Buffer.alloc(size.width * size.height * 4, Buffer.from([0, 0, 255, 255]));
const pngOf = (data: Buffer) =>
  PNG.sync.write(Object.assign(new PNG({ ...size }), { data })).toString('base64');
const png = pngOf(blue);
const asUrl = (data: string) => `data:;base64,${data}`;
const jpeg = encode({ ...size, data: blue }, 90).data;

const left = { shape: 'rect', at: [0, 0, 40, 100] };
const right = { shape: 'rect', at: [60, 0, 40, 100] };
const heart = { deck: 'Default', picture: 'heart.png' };

let assistant: Assistant;
beforeEach(async () => {
  await engine.call('storeMediaFile', { filename: 'heart.png', data: png });
  assistant = await Assistant.of(engine);
  onTestFinished(() => assistant.close());
});

const occlude = (args: object): Promise<CallResult> => assistant.call('occludeImage', { ...args });

async function resultOf(args: object): Promise<JsonObject> {
  const { result, text } = await occlude(args);
  if (!isObject(result)) throw new Error(text);
  return result;
}

async function added(args: object): Promise<number> {
  const { note, outcome } = await resultOf({ ...heart, ...args });
  expect(outcome).toBe('created');
  return Number(note);
}

async function noteOf(id: number) {
  const [note] = await engine.call('notesInfo', { notes: [id] });
  return { ...note, field: (name: string) => note?.fields?.[name]?.value };
}

const cardsOf = async (note: number) =>
  (await engine.call('cardsInfo', { cards: await engine.call('findCards', { query: `nid:${note}` }) })).map(
    ({ cardId, ord = 0, reps, question = '' }) => ({ cardId, ord, reps, question }),
  );

type Colour = 'active' | 'inactive' | 'picture' | 'other';

/** Returns the colours of each picture at these points, which are in percent. */
const coloursAt = ({ content }: CallResult, ...points: readonly (readonly [number, number])[]): Colour[][] =>
  content
    .filter(({ type }) => type === 'image')
    .map(({ data = '' }) => {
      const { width, height, data: pixels } = decode(Buffer.from(data, 'base64'), { useTArray: true });
      return points.map(([x, y]) => {
        const at = (Math.floor((y / 100) * height) * width + Math.floor((x / 100) * width)) * 4;
        return named(pixels.subarray(at, at + 3));
      });
    });

/** JPEG changes colours a little. */
function named(pixel: Uint8Array): Colour {
  const known = { active: [0xff, 0x8e, 0x8e], inactive: [0xff, 0xeb, 0xa2], picture: [0, 0, 255] } as const;
  const isNear = (colour: readonly number[]) =>
    colour.every((value, channel) => Math.abs(value - (pixel[channel] ?? 0)) < 20);
  return (['active', 'inactive', 'picture'] as const).find((name) => isNear(known[name])) ?? 'other';
}

test('adds a note with a card for each shape, and shows each card with its masks', async () => {
  const shown = await occlude({
    ...heart,
    shapes: [left, right],
    header: 'Heart',
    backExtra: 'b',
    tags: ['t'],
  });
  const [id = 0] = await engine.call('findNotes', { query: 'tag:t' });
  const [first, second] = (await cardsOf(id)).toSorted((a, b) => a.ord - b.ord);
  expect(shown.result).toMatchObject({
    outcome: 'created',
    picture: { filename: 'heart.png', ...size },
    mode: 'hideAll',
    cards: [
      { group: 1, card: first?.cardId },
      { group: 2, card: second?.cardId },
    ],
  });
  expect(coloursAt(shown, [20, 50], [50, 50], [80, 50])).toEqual([
    ['active', 'picture', 'inactive'],
    ['inactive', 'picture', 'active'],
  ]);
  const note = await noteOf(id);
  expect([note.modelName, note.field('Header'), note.field('Back Extra')]).toEqual([
    'Image Occlusion',
    'Heart',
    'b',
  ]);
  expect(note.field('Image')).toBe('<img src="heart.png">');
  expect(note.field('Occlusion')).toBe(
    '{{c1::image-occlusion:rect:left=0:top=0:width=.4:height=1:oi=1}}<br>{{c2::image-occlusion:rect:left=.6:top=0:width=.4:height=1:oi=1}}',
  );
  expect(await engine.call('retrieveMediaFile', { filename: 'heart.png' })).toBe(png);
});

test('hides one shape only, shapes of a group together, and draws ellipses and polygons', async () => {
  const ellipse = { shape: 'ellipse', at: [0, 0, 40, 100], group: 1 };
  const triangle = { shape: 'polygon', at: [60, 10, 100, 10, 100, 90], group: 1 };
  const middle = { shape: 'rect', at: [45, 40, 10, 20] };
  const label = { shape: 'text', at: [1, 1], text: 'left: right & both' };
  const shown = await occlude({ ...heart, hideOne: true, shapes: [ellipse, triangle, middle, label] });
  expect(shown.result).toMatchObject({ mode: 'hideOne', cards: [{ group: 1 }, { group: 2 }] });
  const points = [
    [20, 50],
    [1, 2],
    [90, 50],
    [65, 80],
    [50, 50],
  ] as const;
  expect(coloursAt(shown, ...points)).toEqual([
    ['active', 'picture', 'active', 'picture', 'picture'],
    ['picture', 'picture', 'picture', 'picture', 'active'],
  ]);
  expect(shown.text).toContain('Text labels are not drawn.');
  const [{ question } = { question: '' }] = await cardsOf(
    Number((await engine.call('findNotes', { query: '' }))[0]),
  );
  expect(question).toContain('data-shape="ellipse" data-left="0" data-top="0" data-rx=".2" data-ry=".5"');
  expect(question).toContain(
    'data-shape="polygon" data-left=".6" data-top=".1" data-points=".6,.1 1,.1 1,.9"',
  );
  expect(question).toContain('data-text="left&#x3A;&#x20;right&#x20;&amp;&#x20;both"');
  expect(question).not.toContain('data-occludeInactive');
});

test('takes pixels, and turns a photo as its EXIF data says', async () => {
  const exif = Buffer.from(
    'ffe100224578696600004d4d002a000000080001011200030000000100060000000000000000',
    'hex',
  );
  const photo = Buffer.concat([jpeg.subarray(0, 2), exif.subarray(0, 36), jpeg.subarray(2)]);
  const shown = await occlude({
    deck: 'Default',
    picture: asUrl(photo.toString('base64')),
    px: true,
    shapes: [{ shape: 'rect', at: [0, 0, 100, 50] }],
  });
  expect(shown.result).toMatchObject({
    picture: { filename: 'picture.jpg', width: 100, height: 200 },
    shapes: [{ id: 1, at: [0, 0, 100, 50] }],
  });
  expect(coloursAt(shown, [50, 12], [50, 40])).toEqual([['active', 'picture']]);
});

test('a dry run draws the cards and saves nothing', async () => {
  const shown = await occlude({ deck: 'Default', picture: png, shapes: [left], dryRun: true });
  expect(shown.result).toMatchObject({ outcome: expect.stringContaining('nothing was saved') });
  expect(coloursAt(shown, [20, 50])).toEqual([['active']]);
  expect(await engine.call('findNotes', { query: '' })).toEqual([]);
  expect(await engine.call('getMediaFilesNames', {})).toEqual(['heart.png']);
});

test('takes a file of an allowed folder and one of the media folder, and refuses other files', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a b.png'), Buffer.from(png, 'base64'));
  writeFileSync(join(folder, 'text.png'), 'no picture');
  const media = mediaPolicy([folder], engine.capabilities);
  const allowed = await Assistant.of(engine, { media });
  onTestFinished(() => allowed.close());
  const save = (args: object) => allowed.call('occludeImage', { deck: 'Default', shapes: [left], ...args });
  expect((await save({ picture: join(folder, 'a b.png') })).result).toMatchObject({
    picture: { filename: 'a b.png' },
  });
  expect((await save({ picture: 'a b.png', shapes: [right] })).result).toMatchObject({ outcome: 'created' });
  expect((await save({ picture: join(folder, 'text.png') })).text).toContain('is not a picture');
  expect((await save({ picture: '/etc/hostname' })).isError).toBe(true);
  expect((await save({ picture: 'missing.png' })).text).toContain(
    'the media folder has no file "missing.png"',
  );
});

test('is one undo step', async () => {
  await added({ shapes: [left, right] });
  await assistant.call('undo', { action: 'undo' });
  expect(await engine.call('findNotes', { query: '' })).toEqual([]);
});

test('does not add the same shapes of the same picture twice, and names other notes of the picture', async () => {
  const id = await added({ shapes: [left] });
  expect(await resultOf({ ...heart, shapes: [left] })).toMatchObject({
    outcome: 'already there: nothing was added',
    note: id,
  });
  const other = await resultOf({ ...heart, shapes: [right] });
  expect(other).toMatchObject({ outcome: 'created', samePicture: [id] });
  const grey = pngOf(Buffer.alloc(blue.length, 200));
  expect(await resultOf({ ...heart, picture: grey, shapes: [left] })).toMatchObject({
    outcome: 'created',
  });
});

test('a change keeps what is not passed, the review history and members that only Anki knows', async () => {
  const id = await added({ shapes: [left, right], tags: ['t'], header: 'old' });
  const field = String((await noteOf(id)).field('Occlusion')).replace(
    ':oi=1',
    ':angle=10:fill=#00ff00:new=x:oi=1',
  );
  await engine.call('updateNoteFields', { note: { id, fields: { Occlusion: field, Comments: 'mine' } } });
  const card = (await cardsOf(id)).find(({ ord }) => ord === 0);
  await engine.call('answerCards', { answers: [{ cardId: card?.cardId ?? 0, ease: 3 }] });

  const changed = await resultOf({
    note: id,
    shapes: [{ id: 1 }, { id: 2, at: [50, 0, 50, 100] }, { shape: 'rect', at: [45, 0, 4, 10] }],
    header: 'new',
  });
  expect(changed).toMatchObject({ outcome: 'updated', cards: [{ group: 1 }, { group: 2 }, { group: 3 }] });
  const note = await noteOf(id);
  expect([note.field('Header'), note.field('Comments'), note.tags]).toEqual(['new', 'mine', ['t']]);
  expect(note.field('Occlusion')).toBe(
    [
      '{{c1::image-occlusion:rect:left=0:top=0:width=.4:height=1:angle=10:fill=#00ff00:new=x:oi=1}}',
      '{{c2::image-occlusion:rect:left=.5:top=0:width=.5:height=1:oi=1}}',
      '{{c3::image-occlusion:rect:left=.45:top=0:width=.04:height=.1:oi=1}}',
    ].join('<br>'),
  );
  const reviewed = new Map((await cardsOf(id)).map(({ ord, reps }) => [ord, reps]));
  expect(reviewed).toEqual(
    new Map([
      [0, 1],
      [1, 0],
      [2, 0],
    ]),
  );
});

test('a removed shape leaves its card, and its number is not used again', async () => {
  const id = await added({ shapes: [left, right] });
  const second = (await cardsOf(id)).find(({ ord }) => ord === 1);
  await occlude({ note: id, shapes: [{ id: 1 }] });
  const removed = await occlude({
    note: id,
    shapes: [{ id: 1 }, { shape: 'ellipse', at: [60, 0, 40, 100] }],
  });
  expect(removed.result).toMatchObject({
    cards: [{ group: 1 }, { group: 3 }],
    emptyCards: [second?.cardId],
  });
  expect(removed.text).toMatch(/1 card has no shape any more/);
});

test('without changes it shows a note, and the mode can be changed alone', async () => {
  const id = await added({ shapes: [left, right] });
  const shown = await occlude({ note: id });
  expect(shown.result).toMatchObject({
    outcome: 'unchanged',
    shapes: [
      { id: 1, shape: 'rect', at: [0, 0, 40, 100], group: 1 },
      { id: 2, shape: 'rect', at: [60, 0, 40, 100], group: 2 },
    ],
  });
  expect(coloursAt(shown, [80, 50])).toEqual([['inactive'], ['active']]);
  const changed = await occlude({ note: id, hideOne: true });
  expect(coloursAt(changed, [80, 50])).toEqual([['picture'], ['active']]);
  expect((await noteOf(id)).field('Occlusion')).not.toContain('oi=');
});

test.each<[string, object, RegExp]>([
  [
    'a shape outside the picture',
    { shapes: [{ shape: 'rect', at: [50, 0, 60, 10] }] },
    /shape 1 reaches 110 %/,
  ],
  ['fractions', { shapes: [{ shape: 'rect', at: [0.1, 0.1, 0.2, 0.2] }] }, /must be in percent/],
  ['two corners instead of a size', { shapes: [{ shape: 'rect', at: [50, 50, 60, 0] }] }, /has no area/],
  ['a line', { shapes: [{ shape: 'polygon', at: [1, 1, 50, 50] }] }, /at least 3 corners/],
  ['labels only', { shapes: [{ shape: 'text', at: [1, 10], text: 'a' }] }, /at least one rect/],
  [
    'a label that ends its shape',
    { shapes: [left, { shape: 'text', at: [1, 10], text: 'a}}b' }] },
    /cannot be a label/,
  ],
  ['an unknown deck', { deck: 'Defualt', shapes: [left] }, /Did you mean "Default"/],
  ['no picture', { picture: undefined, shapes: [left] }, /needs deck, shapes and picture/],
  [
    'a sound',
    { picture: asUrl(Buffer.from('ID3 a sound').toString('base64')), shapes: [left] },
    /no picture that Anki shows/,
  ],
  ['an id of a new note', { shapes: [{ ...left, id: 1 }] }, /the note has no shape 1/],
  [
    'pixels of an SVG picture',
    { picture: asUrl(Buffer.from('<svg xmlns="x"></svg>').toString('base64')), px: true, shapes: [left] },
    /size of the picture in pixels is unknown/,
  ],
])('refuses %s and adds nothing', async (_, args, message) => {
  const refused = await occlude({ ...heart, ...args });
  expect(refused.isError).toBe(true);
  expect(refused.text).toMatch(message);
  expect(await engine.call('findNotes', { query: '' })).toEqual([]);
});

test('refuses a note of another type, and shapes that it would lose', async () => {
  const basic = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'a', Back: 'b' } };
  const other = await engine.call('addNote', { note: basic });
  expect((await occlude({ note: other })).text).toContain('is no image occlusion type');
  expect((await occlude({ note: 1 })).text).toContain('no such note');
  const id = await added({ shapes: [left] });
  const Occlusion = `${(await noteOf(id)).field('Occlusion')}<br>{{c2::image-occlusion:star:left=.1}}`;
  await engine.call('updateNoteFields', { note: { id, fields: { Occlusion } } });
  expect((await occlude({ note: id, shapes: [{ id: 1 }] })).text).toContain('would be lost');
  expect((await noteOf(id)).field('Occlusion')).toBe(Occlusion);
});

test('a picture that cannot be drawn is saved, and the result says why it is not drawn', async () => {
  const svg = Buffer.from('<svg xmlns="x"></svg>').toString('base64');
  const saved = await occlude({ deck: 'Default', picture: asUrl(svg), shapes: [left] });
  expect(saved.result).toMatchObject({ outcome: 'created', picture: { filename: 'picture.svg' } });
  expect(saved.text).toContain('only PNG and JPEG are drawn, not image/svg+xml');
  const broken = Buffer.from(png, 'base64').subarray(0, 60).toString('base64');
  const half = await occlude({ deck: 'Default', picture: asUrl(broken), shapes: [left] });
  expect(half.text).toContain('The cards are not drawn');
});

test('reads a note with any content in linear time, and its answer stays within the limit', async () => {
  const id = await added({ shapes: [left] });
  const shape = '{{c1::image-occlusion:polygon:points=' + '.1234,.5678 '.repeat(150) + '}}';
  const Occlusion = shape.repeat(320) + '{{c1::image-occlusion:'.repeat(20_000);
  await engine.call('updateNoteFields', {
    note: { id, fields: { Occlusion, Image: '<img src='.repeat(20_000) } },
  });
  const shown = await occlude({ note: id });
  expect(shown.isError).toBe(false);
  expect(shown.text.length).toBeLessThan(16_000);
  expect(shown.text).toMatch(/Listed: the first \d+ of 320 shapes/);
});

test('the name in a note is only ever a file of the media folder', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'secret.png');
  writeFileSync(path, Buffer.from(png, 'base64'));
  const media = mediaPolicy([folder], engine.capabilities);
  const allowed = await Assistant.of(engine, { media });
  onTestFinished(() => allowed.close());
  const id = await added({ shapes: [left] });
  await engine.call('updateNoteFields', { note: { id, fields: { Image: `<img src="${path}">` } } });
  const shown = await allowed.call('occludeImage', { note: id });
  expect(shown.content.filter(({ type }) => type === 'image')).toEqual([]);
  expect(shown.text).toContain('The media folder has no picture of this note');
});

test('an interlaced PNG is saved and not drawn', async () => {
  const interlaced = Buffer.from(png, 'base64');
  interlaced[28] = 1;
  const saved = await occlude({
    deck: 'Default',
    picture: asUrl(interlaced.toString('base64')),
    shapes: [left],
  });
  expect(saved.result).toMatchObject({ outcome: 'created', picture: { width: size.width } });
  expect(saved.text).toContain('it is an interlaced PNG');
});

test('adds the note type again if it was removed, in the same undo step', async () => {
  await engine.call('removeEmptyNotes', {});
  expect(await engine.call('modelNames', {})).not.toContain('Image Occlusion');
  await added({ shapes: [left] });
  expect(await engine.call('modelNames', {})).toContain('Image Occlusion');
  await assistant.call('undo', { action: 'undo' });
  expect(await engine.call('modelNames', {})).not.toContain('Image Occlusion');
});

test('study and viewCards show such a card', async () => {
  const id = await added({ shapes: [left, right], header: 'Which side?' });
  const started = await assistant.call('study', { action: 'start', deck: 'Default' });
  expect(started.text).toContain('Which side?');
  expect(started.content.filter(({ type }) => type === 'image')).toEqual([]);
  const revealed = await assistant.call('study', { action: 'reveal' });
  expect(revealed.content.filter(({ type }) => type === 'image')).toHaveLength(1);
  const rated = await assistant.call('study', { action: 'rate', rating: 3 });
  expect(rated.isError).toBe(false);
  expect((await cardsOf(id)).map(({ reps }) => reps)).toContain(1);
  const viewed = await assistant.call('viewCards', { query: `nid:${id}` });
  expect(viewed.text).toContain('without the masks');
});
