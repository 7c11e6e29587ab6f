import { expect, test } from 'vitest';
import { toText } from '../../../src/tools/card-text/text.ts';

test.each([
  ['lines and blocks', 'a<br>b<div>c</div><p>d</p>e', 'a\nb\nc\nd\ne'],
  ['white space as a browser does', ' a &nbsp; b\n\n  c &amp; <b> d</b>', 'a b c & d'],
  ['lists', '<ul><li>a<ul><li><p>b</p></li></ul></li><li>c</li></ul>', '- a\n  - b\n- c'],
  [
    'tables in rows, with empty cells',
    '<table><tr><th>x</th><th></th></tr><tr><td></td><td><p>1</p>2</td></tr></table>z',
    'x |\n | 1 2\nz',
  ],
  ['code unchanged', '<pre>if x:\n  y()</pre>', 'if x:\n  y()'],
  ['math', '\\(a<b\\) \\[x &lt; y\\] $5^2$', '\\(a<b\\) \\[x < y\\] $5^2$'],
  ['LaTeX, not its picture', '<img class=latex alt="\\sqrt{x}" src="latex-1.png">', '[latex: \\sqrt{x}]'],
  ['subscript and superscript', 'H<sub>2</sub>O 10<sup>-3</sup>', 'H_2O 10^-3'],
  ['readings', '<ruby>漢字<rp>[</rp><rt>かんじ</rt></ruby>', '漢字(かんじ)'],
  [
    'a cloze blank without its answer',
    'It is <span class="cloze" data-cloze="secret">[hint]</span>',
    'It is [hint]',
  ],
  ['a closed hint', 'a <a>Show</a><div style="display: none">secret<br>s</div>', 'a Show\n[hidden]'],
  ['no style, no script', '<style>.a{}</style>a<script>b</script>', 'a'],
  [
    'media by name',
    '<img src="a%20b.png"><img src="data:image/png;base64,AAAA"> [sound:x&amp;y.mp3] [anki:play:q:0]<svg><text>t</text></svg>',
    '[image: a b.png][image: embedded image/png] [sound: x&y.mp3] [sound][image: drawn in the card]',
  ],
  ['broken HTML', '<div><b>a</i></p>b < c', 'a\nb < c'],
])('shows %s', (_, html, text) => {
  expect(toText(html)).toBe(text);
});

test('cuts a very long text, apart from its CSS, and says so', () => {
  expect(toText(`<style>${'x'.repeat(200_000)}</style>a`)).toBe('a');
  const text = toText('<div>x</div>'.repeat(20_000));
  expect(text).toMatch(/^x\nx\n[^]*x\n… \(140000 more characters of HTML are not shown\)$/);
});

test('limits the indentation and the depth of elements', () => {
  const text = toText(`${'<ol><li>'.repeat(5_000)}x`);
  expect(text).toMatch(/x$/);
  expect(text.length).toBeLessThan(5_000 * 26);
});
