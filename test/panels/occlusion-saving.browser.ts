import { expect, test } from 'vitest';
import { z } from 'zod';
import { panelHandle } from '../../src/contract/panels/index.ts';
import { askedFor } from '../support/panel-host/examined.ts';
import type { OpenPanel } from '../support/panel-host/host.ts';
import {
  added,
  assistant,
  button,
  engine,
  heading,
  host,
  kept,
  left,
  mask,
  notes,
  only,
  open,
  png,
  right,
  said,
  save,
  useMaskPanels,
} from '../support/panel-host/masks.ts';

useMaskPanels();

async function viewOf(panel: OpenPanel) {
  const handle = z.object({ editor: z.string() }).parse(panel.result._meta?.[panelHandle]);
  const reply = await assistant.client.callTool({
    name: 'occlusionPanel',
    arguments: { action: 'show', ...handle },
  });
  return z.looseObject({ editor: z.string(), token: z.string() }).parse(reply.structuredContent);
}

test('updates a note: what the user did not touch stays as it was written', async () => {
  const note = await added({ shapes: [left, right], tags: ['t'] });
  const [before] = await notes();
  const own = before?.shapes.map((shape) => shape.replace(':oi=1', ':angle=10:fill=#00ff00:new=x:oi=1'));
  await engine.call('updateNoteFields', {
    note: { id: note, fields: { Occlusion: own?.join('<br>') ?? '' } },
  });
  const panel = await host.open('occludeImage', { note, review: true });
  await said(panel, `Note ${note} · Tags: t`);
  await mask(panel, /^Ellipse/).focus();
  await panel.page.keyboard.press('ArrowRight');
  await button(panel, 'Add rectangle').click();
  await save(panel, 'Update note with 3 cards');
  expect((await only())?.shapes).toEqual([
    own?.[0],
    '{{c2::image-occlusion:ellipse:left=.61:top=.2:rx=.1:ry=.2:angle=10:fill=#00ff00:new=x:oi=1}}',
    '{{c3::image-occlusion:rect:left=.4:top=.4:width=.2:height=.2:oi=1}}',
  ]);
});

test('a removed mask leaves its card, and a new one gets another card', async () => {
  const note = await added({ shapes: [left, right] });
  const panel = await host.open('occludeImage', { note, review: true });
  await panel.view.getByRole('combobox', { name: 'Mask' }).selectOption({ index: 2 });
  await button(panel, 'Remove').click();
  await button(panel, 'Add ellipse').click();
  await mask(panel, /^Ellipse, card 3/).waitFor();
  await save(panel, 'Update note with 2 cards');
  await said(panel, '1 card has no mask any more.');
});

test('cancel saves nothing and says so to the model, and the user can go on after it', async () => {
  const panel = await open({ shapes: [left] });
  await button(panel, 'Add ellipse').click();
  await button(panel, 'Cancel').click();
  await heading(panel, 'Cancelled');
  expect(await notes()).toEqual([]);
  expect(askedFor(panel, 'context').at(-1)).toContain('The user cancelled: nothing was saved.');
  await button(panel, 'Edit again').click();
  await save(panel, 'Save note with 2 cards');
  expect((await only())?.shapes).toHaveLength(2);
});

test('shows the masks again after a reload, and the outcome after they were saved', async () => {
  const first = await open({ shapes: [left] });
  await button(first, 'Add ellipse').click();
  await kept(first, 1);
  const again = await first.reopen();
  await mask(again, /^Ellipse, card 2/).waitFor();
  await save(again, 'Save note with 2 cards');
  await button(first, 'Save note with 2 cards').click();
  await heading(first, 'Saved');
  await heading(await first.reopen(), 'Saved');
  expect(await notes()).toHaveLength(1);
});

test('keeps the last change when the host removes the panel at once', async () => {
  const panel = await open({ shapes: [left] });
  await button(panel, 'Add ellipse').click();
  await panel.page.evaluate('closePanel()');
  await mask(await panel.reopen(), /^Ellipse, card 2/).waitFor();
});

test('a panel that is out of date changes nothing and shows the present masks, and undo brings its own back', async () => {
  const first = await open({ shapes: [left] });
  await heading(first, 'Masks of heart.png');
  const second = await first.reopen();
  await button(second, 'Add ellipse').click();
  await kept(second, 1);
  await button(first, 'Add text').click();
  await said(first, 'Nothing was changed: the masks have changed in another place.');
  await mask(first, /^Ellipse, card 2/).waitFor();
  expect(await mask(first, /^Text “/).count()).toBe(0);
  await button(first, 'Undo').click();
  await mask(first, /^Text “/).waitFor();
  await save(first, 'Save note with 1 card');
  expect((await only())?.shapes).toHaveLength(2);
});

test('two editors at once do not disturb each other', async () => {
  const [first, second] = [await open({ shapes: [left] }), await open({ shapes: [right] })];
  await save(first, 'Save note with 1 card');
  await save(second, 'Save note with 1 card');
  expect((await notes()).flatMap(({ shapes }) => shapes)).toHaveLength(2);
});

test('saves nothing over a note or a picture that has changed meanwhile', async () => {
  const note = await added({ shapes: [left] });
  const panel = await host.open('occludeImage', { note, review: true });
  await button(panel, 'Add ellipse').click();
  await kept(panel, 1);
  await assistant.call('occludeImage', { note, shapes: [{ id: 1, at: [0, 0, 50, 50] }] });
  await button(panel, 'Update note with 2 cards').click();
  await said(panel, 'Nothing was saved: the note has changed in Anki.');
  await mask(panel, /^Rectangle, card 1: left 0 %/).waitFor();
  expect((await only())?.shapes).toHaveLength(1);
  await button(panel, 'Undo').click();
  await mask(panel, /^Rectangle, card 1: left 10 %/).waitFor();
  await engine.call('storeMediaFile', { filename: 'heart.png', data: png.slice(0, 400) });
  await button(panel, 'Update note with 2 cards').click();
  await said(panel, 'the picture has changed in the media folder');
  await engine.call('storeMediaFile', { filename: 'heart.png', data: png });
  await save(panel, 'Update note with 2 cards');
  expect((await only())?.shapes).toEqual([
    '{{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.3:oi=1}}',
    expect.stringContaining('c2::image-occlusion:ellipse'),
  ]);
});

test('the model learns neither the editor nor a token, and without them can save nothing', async () => {
  const panel = await open({ shapes: [left] });
  await button(panel, 'Add ellipse').click();
  await kept(panel, 1);
  const { editor, token } = await viewOf(panel);
  const { _meta, ...seen } = panel.result;
  const known = JSON.stringify([seen, panel.asked.filter(({ kind }) => kind !== 'call')]);
  expect(known).not.toContain(editor);
  expect(known).not.toContain(token);
  for (const args of [
    { action: 'show', editor: '' },
    { action: 'save', editor: 'guessed', token: 'guessed' },
  ])
    expect((await assistant.call('occlusionPanel', args)).isError).toBe(true);
  const params = { action: 'save', editor, token };
  expect((await assistant.call('runAction', { action: 'occlusionPanel', params })).isError).toBe(true);
  for (const old of [{}, { token: 'x' }])
    await assistant.call('occlusionPanel', { action: 'save', editor, ...old });
  expect(await notes()).toEqual([]);
  const saveOnce = () => assistant.client.callTool({ name: 'occlusionPanel', arguments: params });
  await Promise.all([saveOnce(), saveOnce(), saveOnce()]);
  expect(await notes()).toHaveLength(1);
});

test('a call without review shows its outcome, and a host that passes on no calls says how to go on', async () => {
  const plain = await open({ review: false, shapes: [left] });
  await said(plain, /^Note \d+: created, 1 card\.$/);
  await button(plain, 'Edit the masks').click();
  await expect
    .poll(() => askedFor(plain, 'message'))
    .toEqual([expect.stringMatching(/Open the masks of note \d+ for review/)]);
  const panel = await open({ shapes: [right] }, { canCall: false });
  await said(panel, 'Continue in the chat');
});
