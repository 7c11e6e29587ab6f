import { expect, test } from 'vitest';
import { parseTree } from '../../../src/tools/card-text/tree.ts';
import { attributes, elements } from '../../../src/tools/card-html/names.ts';
import { isTag, type ChildNode, type Element } from 'domhandler';
import { cleaned } from '../../support/cleaned-card.ts';
import { hostileCards } from '../../support/hostile-cards.ts';

const tagsIn = (nodes: readonly ChildNode[]): Element[] =>
  nodes.filter(isTag).flatMap((element) => [element, ...tagsIn(element.children)]);

test.each(hostileCards)('writes only known elements and attributes, and loads nothing: %s', async (card) => {
  const html = await cleaned(card);
  for (const { name, attribs } of tagsIn(parseTree(html))) {
    expect([...elements, 'details']).toContain(name.toLowerCase());
    for (const attribute of Object.keys(attribs))
      if (!/^(aria|data)-/.test(attribute))
        expect([...attributes, 'style', 'src', 'href', 'media', 'viewBox']).toContain(attribute);
  }
  expect(html).not.toMatch(/@import|@font-face|<!--/i);
  expect(html.replace(/ data-href="[^"]*"/g, '')).not.toMatch(/url\("(?!data:|#)|src="(?!data:)/);
});

test('takes linear time for text that never ends what it begins', async () => {
  const pieces = [
    '\\(',
    '<style>',
    'url(',
    '/*',
    '"',
    '<a class=hint>',
    '[sound:',
    '<b style="',
    '\\',
    '<div data-shape=rect>',
  ];
  const timeOf = async (count: number) => {
    const start = performance.now();
    for (const piece of pieces) await cleaned(piece.repeat(count));
    return performance.now() - start;
  };
  const shortest = async (count: number) =>
    Math.min(await timeOf(count), await timeOf(count), await timeOf(count));
  // Eight times the length takes eight times as long, or 64 times if the time is quadratic.
  expect((await shortest(16_000)) / (await shortest(2_000))).toBeLessThan(30);
});
