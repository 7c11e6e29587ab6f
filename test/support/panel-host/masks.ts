import { PNG } from 'pngjs';
import { afterEach, beforeEach, expect } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import type { Assistant } from '../assistant.ts';
import { askedFor } from './examined.ts';
import type { OpenOptions, OpenPanel, PanelHost } from './host.ts';
import { startPanels } from './start.ts';

const size = { width: 400, height: 200 };
const blue = Buffer.alloc(size.width * size.height * 4, Buffer.from([90, 140, 220, 255]));

/** A blue picture. */
export const png = PNG.sync.write(Object.assign(new PNG(size), { data: blue })).toString('base64');

export const left = { shape: 'rect', at: [10, 10, 20, 30] };
export const right = { shape: 'ellipse', at: [60, 20, 20, 40] };
export const triangle = { shape: 'polygon', at: [40, 60, 60, 60, 50, 90] };
const heart = { deck: 'Default', picture: 'heart.png', review: true };

export let engine: Engine;
export let assistant: Assistant;
export let host: PanelHost;

/** Gives each test of a file a host, and a collection with the picture heart.png. */
export function useMaskPanels(): void {
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ engine, assistant, host, close } = await startPanels('the engine'));
    await engine.call('storeMediaFile', { filename: 'heart.png', data: png });
  });
  afterEach(() => close());
}

export const open = (args: object, options?: OpenOptions): Promise<OpenPanel> =>
  host.open('occludeImage', { ...heart, ...args }, options);
export const mask = ({ view }: OpenPanel, name: string | RegExp) => view.getByRole('button', { name });
export const button = ({ view }: OpenPanel, name: string) => view.getByRole('button', { name, exact: true });
export const heading = ({ view }: OpenPanel, name: string) => view.getByRole('heading', { name }).waitFor();
export const said = ({ view }: OpenPanel, text: string | RegExp) => view.getByText(text).first().waitFor();

export async function save(panel: OpenPanel, name: string): Promise<void> {
  await button(panel, name).click();
  await heading(panel, 'Saved');
}

/** Returns the notes of the collection. */
export async function notes() {
  const found = await engine.call('notesInfo', { query: 'deck:*' });
  return found.map(({ noteId = 0, fields = {}, tags }) => ({
    id: noteId,
    tags,
    shapes: (fields['Occlusion']?.value ?? '').split('<br>').filter(Boolean),
    header: fields['Header']?.value,
  }));
}

/** Returns the note, if there is one only. */
export const only = async () => {
  const [note, ...others] = await notes();
  expect(others).toEqual([]);
  return note;
};

/** Adds a note without a panel. Returns its id. */
export const added = async (args: object) => {
  const { result } = await assistant.call('occludeImage', { ...heart, review: false, ...args });
  return z.looseObject({ note: z.number() }).parse(result).note;
};

/** Returns the calls of the panel of one kind. */
const calls = (panel: OpenPanel, action: string): number =>
  askedFor(panel, 'call').filter((call) => call.includes(`"action":"${action}"`)).length;

/** Waits until the server has the masks as they are now. */
export async function kept(panel: OpenPanel, count: number): Promise<void> {
  await expect.poll(() => calls(panel, 'edit')).toBe(count);
  await expect.poll(() => panel.view.locator('main[aria-busy]').count()).toBe(0);
}
