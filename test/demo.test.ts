import { expect, test } from 'vitest';
import { converse, type Line } from '../demo/conversation.js';
import { draw } from '../demo/picture.js';

test('the picture in README shows the conversation of the demo', async () => {
  const lines: Line[] = [];
  await converse((line) => lines.push(line));
  const texts = lines.map(({ text }) => text).join('\n');
  expect(texts).not.toMatch(/[\p{Cf}\p{Co}]|\b1\d{12}\b/u);
  await expect(draw(lines)).toMatchFileSnapshot('../docs/demo.svg');
});
