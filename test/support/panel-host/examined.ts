import { mkdirSync } from 'node:fs';
import axe from 'axe-core';
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

/** Returns what axe finds wrong with the accessibility of the panel. */
export async function violations({ view }: OpenPanel): Promise<string[]> {
  await view.evaluate(axe.source);
  const found: { violations: { id: string; nodes: { html: string }[] }[] } = await view.evaluate(
    'axe.run(document, { iframes: false })',
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
