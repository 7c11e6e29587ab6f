import { mkdirSync } from 'node:fs';
import axe from 'axe-core';
import { expect } from 'vitest';
import type { OpenPanel } from './host.ts';

/** Where the pictures of the browser tests are. */
const pictures = new URL('../../panels/pictures/', import.meta.url).pathname;

/** Returns what the panel asked for of one kind. */
export const askedFor = ({ asked }: OpenPanel, kind: string): string[] =>
  asked.filter((each) => each.kind === kind).map(({ params }) => JSON.stringify(params));

/** Takes a picture of the panel. A picture of the whole page would show frames of another origin half drawn. */
export async function picture({ page }: OpenPanel, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  const box = await page.locator('iframe').boundingBox();
  await page.screenshot({ path: `${pictures}${name}.png`, ...(box && { clip: box }) });
}

/** The widths, themes and kinds of frames in which each panel is examined. */
export const layouts = [
  { width: 360, theme: 'light', opaque: false },
  { width: 360, theme: 'dark', opaque: true },
  { width: 720, theme: 'light', opaque: true },
  { width: 720, theme: 'dark', opaque: false },
] as const;

/** Expects buttons that fingers can hit, none of them beyond the edge of the panel. */
export async function expectUsableButtons({ view }: OpenPanel, width: number): Promise<void> {
  for (const each of await view.getByRole('button').all()) {
    const box = await each.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
  }
}

/** Returns what axe finds wrong with the accessibility of the panel. */
export async function violations({ view }: OpenPanel): Promise<string[]> {
  if (await view.evaluate('typeof axe === "undefined"')) await view.evaluate(axe.source);
  const found: { violations: { id: string; nodes: { html: string }[] }[] } = await view.evaluate(
    'axe.run(document, { iframes: false })',
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
