import { decode } from 'jpeg-js';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { askedFor, layouts, picture, violations } from '../support/panel-host/examined.ts';
import type { OpenPanel } from '../support/panel-host/host.ts';
import {
  assistant,
  button,
  engine,
  heading,
  kept,
  left,
  mask,
  notes,
  only,
  open,
  right,
  said,
  save,
  triangle,
  useMaskPanels,
} from '../support/panel-host/masks.ts';

useMaskPanels();

type Place = readonly [x: number, y: number];

/** Returns a function that converts places of the picture in percent to pixels of the page. */
async function placesOf({ page, view }: OpenPanel): Promise<(place: Place) => Place> {
  const image = view.getByRole('img');
  const widthOf = (element: { naturalWidth?: number }) => element.naturalWidth;
  await expect.poll(() => image.evaluate(widthOf)).toBeGreaterThan(0);
  const boxOf = async (locator: Locator) =>
    (await locator.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  // The host has given the panel its height.
  const hidden = async () => {
    const [shown, whole] = [await boxOf(image), await boxOf(page.locator('iframe'))];
    return shown.y + shown.height - whole.y - whole.height;
  };
  await expect.poll(hidden).toBeLessThanOrEqual(0);
  const { x, y, width, height } = await boxOf(image);
  return ([across, down]) => [x + (width * across) / 100, y + (height * down) / 100];
}

/** Drags with the mouse between two places of the picture, in percent. */
async function drag(panel: OpenPanel, from: Place, to: Place): Promise<void> {
  const { page } = panel;
  const at = await placesOf(panel);
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
}

/** Returns whether the picture of a card has the mask of the question at a place. The picture itself is blue. */
function isMasked(jpeg: string | undefined, [x, y]: Place): boolean {
  const { width, height, data } = decode(Buffer.from(jpeg ?? '', 'base64'), { useTArray: true });
  const at = (Math.floor((y / 100) * height) * width + Math.floor((x / 100) * width)) * 4;
  return (data[at] ?? 0) > 200;
}

test('shows the proposed masks, and saves those that the user dragged, resized, drew and labelled with the mouse', async () => {
  const panel = await open({ shapes: [left, right], tags: ['t'], header: 'The <b>heart</b>' });
  await heading(panel, 'Masks of heart.png');
  await said(panel, 'New note · Deck: Default · Tags: t · Header: The heart');
  expect(await notes()).toEqual([]);
  // Move the first, resize the second at its right bottom corner, and draw a third.
  await drag(panel, [20, 25], [30, 35]);
  await mask(panel, 'Rectangle, card 1: left 20 %, top 20 %, width 20 %, height 30 %').waitFor();
  await drag(panel, [70, 40], [70, 40]);
  await drag(panel, [80, 60], [90, 80]);
  await mask(panel, 'Ellipse, card 2: left 60 %, top 20 %, width 30 %, height 60 %').waitFor();
  await drag(panel, [5, 70], [25, 90]);
  await mask(panel, /^Rectangle, card 3: left 5 %, top 70 %/).waitFor();
  await panel.view.getByLabel('Card', { exact: true }).fill('1');
  await panel.view.getByLabel('Card', { exact: true }).press('Tab');
  await button(panel, 'Add text').click();
  await panel.page.keyboard.type('left: {{x}} <ventricle>');
  await panel.page.keyboard.press('Tab');
  await mask(panel, /^Text “left: x ventricle”/).waitFor();
  await panel.view.getByLabel('Mode').selectOption('Hide one, guess one');
  await save(panel, 'Save note with 2 cards');
  await said(panel, /^Note \d+: created, 2 cards\.$/);
  const note = await only();
  expect(note).toMatchObject({ tags: ['t'], header: 'The <b>heart</b>' });
  expect(note?.shapes).toEqual([
    '{{c1::image-occlusion:rect:left=.2:top=.2:width=.2:height=.3}}',
    '{{c2::image-occlusion:ellipse:left=.6:top=.2:rx=.15:ry=.3}}',
    expect.stringMatching(
      /^\{\{c1::image-occlusion:rect:left=\.0\d+:top=\.\d+:width=\.\d+:height=\.\d+\}\}$/,
    ),
    expect.stringMatching(
      /^\{\{c0::image-occlusion:text:left=\.0\d+:top=\.\d+:text=left\\: x ventricle\}\}$/,
    ),
  ]);
  const report = askedFor(panel, 'context').at(-1);
  for (const part of [
    `created (note ${note?.id})`,
    'moved from [10,10,20,30]',
    'added rect, group 1',
    'mode: hideOne',
  ])
    expect(report).toContain(part);
  const { text, content } = await assistant.call('occludeImage', { review: true });
  expect(text).toContain(`created (note ${note?.id})`);
  // The pictures of the cards have the masks where the user put them; each hides only its own.
  const [first, second, ...others] = content
    .filter(({ type }) => type === 'image')
    .map(({ data = '' }) => data);
  expect(others).toEqual([]);
  const spots: readonly Place[] = [
    [22, 22],
    [12, 12],
    [80, 60],
  ];
  expect(spots.map((spot) => isMasked(first, spot))).toEqual([true, false, false]);
  expect(spots.map((spot) => isMasked(second, spot))).toEqual([false, false, true]);
  expect(panel.errors).toEqual([]);
});

test('a text that the user is typing is not replaced, and belongs to the shape that was selected', async () => {
  const panel = await open({ shapes: [left] });
  await heading(panel, 'Masks of heart.png');
  await button(panel, 'Add text').click();
  await panel.page.keyboard.type('aorta');
  await kept(panel, 1);
  expect(await panel.view.getByRole('textbox', { name: 'Text' }).inputValue()).toBe('aorta');
  await drag(panel, [20, 25], [20, 25]);
  await mask(panel, /^Text “aorta”/).waitFor();
  await save(panel, 'Save note with 1 card');
  expect((await only())?.shapes).toEqual([
    expect.stringContaining('c1::image-occlusion:rect:left=.1:top=.1'),
    expect.stringContaining('c0::image-occlusion:text:left=.45:top=.45:text=aorta'),
  ]);
});

test('moves, resizes, adds, removes, undoes and saves by keyboard alone', async () => {
  const panel = await open({ shapes: [left, right, triangle] });
  await heading(panel, 'Masks of heart.png');
  const { keyboard } = panel.page;
  const press = async (...keys: string[]) => {
    for (const key of keys) await keyboard.press(key);
  };
  await mask(panel, /^Rectangle/).focus();
  await press('ArrowRight', 'ArrowDown', 'Alt+ArrowLeft', 'Shift+ArrowRight', 'Shift+ArrowUp');
  await mask(panel, 'Rectangle, card 1: left 10.9 %, top 11 %, width 21 %, height 29 %').waitFor();
  await press('Tab', 'Delete');
  expect(await mask(panel, /^Ellipse/).count()).toBe(0);
  await press('Control+z');
  await mask(panel, /^Ellipse, card 2/).waitFor();
  await press('Control+y');
  await expect.poll(() => mask(panel, /^Ellipse/).count()).toBe(0);
  // The third corner of the polygon.
  await mask(panel, /^Polygon/).focus();
  await press('Tab', 'Tab', 'Tab', 'ArrowUp', 'ArrowUp');
  await mask(panel, /^Polygon/).focus();
  await press('ArrowLeft');
  await press('e');
  await mask(panel, 'Ellipse, card 2: left 40 %, top 40 %, width 20 %, height 20 %').waitFor();
  await press('ArrowUp', 's');
  await heading(panel, 'Saved');
  expect((await only())?.shapes).toEqual([
    '{{c1::image-occlusion:rect:left=.109:top=.11:width=.21:height=.29:oi=1}}',
    '{{c3::image-occlusion:polygon:left=.39:top=.6:points=.39,.6 .59,.6 .49,.88:oi=1}}',
    '{{c2::image-occlusion:ellipse:left=.4:top=.39:rx=.1:ry=.1:oi=1}}',
  ]);
});

test('a mask stays in the picture, and a click on the picture adds none', async () => {
  const panel = await open({ shapes: [left] });
  await heading(panel, 'Masks of heart.png');
  await drag(panel, [20, 25], [99, 1]);
  await mask(panel, 'Rectangle, card 1: left 80 %, top 0 %, width 20 %, height 30 %').waitFor();
  await drag(panel, [30, 80], [30, 80]);
  expect(await panel.view.locator('[data-shape]').count()).toBe(1);
  await drag(panel, [30, 80], [0.5, 99.5]);
  await mask(panel, /card 2: left 0.5 %, top 80 %, width 29.5 %, height 19.5 %/).waitFor();
});

test('moves a mask by touch, and leaves a touch on the picture to the page', async () => {
  const small = { shape: 'rect', at: [60, 20, 6, 8] };
  const panel = await open({ shapes: [left, small] }, { width: 360 });
  await heading(panel, 'Masks of heart.png');
  const at = await placesOf(panel);
  const session = await panel.page.context().newCDPSession(panel.page);
  const emulation = await panel.page.context().newCDPSession(panel.view.parentFrame() ?? panel.view);
  await emulation.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  expect(await panel.view.evaluate('matchMedia("(pointer: coarse)").matches')).toBe(true);
  const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', ...places: readonly Place[]) => {
    const touchPoints = places.map(at).map(([x, y]) => ({ x, y }));
    await session.send('Input.dispatchTouchEvent', { type, touchPoints });
  };
  const starts: readonly Place[] = [
    [20, 25],
    [80, 80],
    // The first touch selects the small mask, which then has corners.
    [63, 24],
    [73, 34],
  ];
  for (const [x, y] of starts) {
    await touch('touchStart', [x, y]);
    await touch('touchMove', [x + 5, y + 5]);
    await touch('touchMove', [x + 10, y + 10]);
    await touch('touchEnd');
  }
  await session.detach();
  await emulation.detach();
  await mask(panel, /^Rectangle, card 1: left (19.9|20|20.1) %, top (19.9|20|20.1) %/).waitFor();
  await mask(panel, 'Rectangle, card 2: left 80 %, top 40 %, width 6 %, height 8 %').waitFor();
  expect(await panel.view.locator('[data-shape]').count()).toBe(2);
});

test('the user can draw all masks, and none at all cannot be saved', async () => {
  const panel = await open({});
  await heading(panel, 'Masks of heart.png');
  expect(await button(panel, 'Save note with 0 cards').isDisabled()).toBe(true);
  await drag(panel, [10, 10], [50, 50]);
  await save(panel, 'Save note with 1 card');
  expect((await only())?.shapes).toHaveLength(1);
});

const cell = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 320" font-family="sans-serif" font-size="18">
<rect width="640" height="320" fill="#fdfdf8"/><ellipse cx="300" cy="160" rx="200" ry="130" fill="#cfe8cf" stroke="#4b7f52" stroke-width="4"/>
<circle cx="270" cy="150" r="52" fill="#b9a5d8" stroke="#5d4a86" stroke-width="3"/><ellipse cx="400" cy="200" rx="44" ry="22" fill="#e7a27c" stroke="#93522f" stroke-width="3"/>
<path d="M300 130 L510 70 M425 190 L510 180 M130 230 L90 270" stroke="#333" stroke-width="2"/>
<text x="515" y="75">nucleus</text><text x="515" y="186">mitochondrion</text><text x="20" y="292">membrane</text></svg>`;

test.each(layouts)('is complete and accessible at $width px, $theme, opaque: $opaque', async (options) => {
  await engine.call('storeMediaFile', { filename: 'cell.svg', data: Buffer.from(cell).toString('base64') });
  const panel = await open(
    {
      picture: 'cell.svg',
      shapes: [
        { shape: 'rect', at: [79.5, 16, 13, 10] },
        { shape: 'ellipse', at: [79.5, 50, 20, 12] },
        { shape: 'polygon', at: [2, 84, 18, 84, 18, 94, 2, 94] },
        { shape: 'text', at: [40, 3], text: 'خلية' },
      ],
      tags: ['biology'],
    },
    options,
  );
  await mask(panel, /^Rectangle/).focus();
  expect(await violations(panel)).toEqual([]);
  // Masks and corners are as large as the user draws them.
  for (const each of await panel.view.locator('.row').locator('button, input, select').all()) {
    if (!(await each.isVisible())) continue;
    const box = await each.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(options.width);
  }
  // Its corners are beyond the edge of the picture.
  await mask(panel, /^Ellipse/).focus();
  const width = await panel.view.evaluate('document.documentElement.scrollWidth');
  expect(width).toBeLessThanOrEqual(options.width);
  // The picture keeps its direction on a page that is written from right to left.
  const place = await mask(panel, /^Rectangle/).boundingBox();
  await panel.view.evaluate('document.documentElement.dir = "rtl"');
  expect(await mask(panel, /^Rectangle/).boundingBox()).toEqual(place);
  await panel.view.evaluate('document.documentElement.dir = "ltr"');
  await picture(panel, `occlusion-${options.width}-${options.theme}`);
  await save(panel, 'Save note with 3 cards');
  expect(await violations(panel)).toEqual([]);
  expect(panel.errors).toEqual([]);
});
