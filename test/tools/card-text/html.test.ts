import { expect, test } from 'vitest';
import { protectClozes } from '../../../src/tools/card-text/cloze.ts';
import { bareText, unclosedTags } from '../../../src/tools/card-text/html.ts';
import { markdownToHtml } from '../../../src/tools/card-text/markdown.ts';
import { convertMath } from '../../../src/tools/card-text/math.ts';

const same = (...texts: string[]): [string, string][] => texts.map((text) => [text, text]);

test.each([
  ['$x^2$', '\\(x^2\\)'],
  ['a $x$ b $y$.', 'a \\(x\\) b \\(y\\).'],
  ['$$x$$', '\\[x\\]'],
  ['$$ a<br>+b $$', '\\[ a<br>+b \\]'],
  ['$1/2$ and $5$', '\\(1/2\\) and \\(5\\)'],
  ['$a &lt; b$', '\\(a &lt; b\\)'],
  ['$\\alpha$-helix', '\\(\\alpha\\)-helix'],
  ['$\\text{it costs \\$5}$', '\\(\\text{it costs \\$5}\\)'],
  ['<b>$x$</b><p>$y$<p>$z$', '<b>\\(x\\)</b><p>\\(y\\)<p>\\(z\\)'],
  ['<code>$x$</code> $y$', '<code>$x$</code> \\(y\\)'],
  ['<img alt="$x$"> $y$', '<img alt="$x$"> \\(y\\)'],
  ['costs $5, $x$ not', 'costs $5, \\(x\\) not'],
  ['for $10: {{c1::$x^{2}$}}', 'for $10: {{c1::\\(x^{2}\\)}}'],
  ['\\(a $ b\\) and $c$', '\\(a $ b\\) and \\(c\\)'],
  ...same(
    '$5 and $10',
    'costs $5, or 10$',
    '$20–$30',
    'US$5 and CA$6',
    '{{c1::$5}} or {{c2::$6}}',
    '$$ is cheap, $$ is not',
    '$$$',
    '$HOME/$PATH',
    '\\$5',
    'x$',
    '`$x$`',
    '<code>$x$',
    '<pre>$x$ <b>$y$</b></pre>',
    '<!-- $x$ -->',
    '<anki-mathjax>$x$</anki-mathjax>',
    '[$]x[/$]',
    'a <b>$5</b> and <b>6$</b>',
  ),
])('converts math: %s', (html, expected) => {
  expect(convertMath(html)).toBe(expected);
});

test.each([
  ['{{c1::\\(\\frac{1}{x^{2}}\\)}}', '{{c1::\\(\\frac{1}{x^{2} }\\)}}'],
  ['{{c1::\\(\\frac{1}{x^{2^{3}}}\\)::hint}}', '{{c1::\\(\\frac{1}{x^{2^{3} } }\\)::hint}}'],
  ['\\(a {{c1::x^{2}}} b\\)', '\\(a {{c1::x^{2} }} b\\)'],
  ['{{c1::a {{c2::\\(y_{a_{b}}\\)}} c}}', '{{c1::a {{c2::\\(y_{a_{b} }\\)}} c}}'],
  ['\\({{c1::\\{a\\}}}\\)', '\\({{c1::\\{a\\} }}\\)'],
  ...same(
    '{{c1::\\(x\\)::h}} and \\(\\frac{1}{x^{2}}\\)',
    '\\(\\frac{1}{x^{2}}\\)',
    '{{c1::\\[\\{a\\}\\]}}',
    '{{c1::a}} }} {{',
    '{{Front}}',
  ),
])('separates braces: %s', (html, expected) => {
  expect(protectClozes(html)).toBe(expected);
});

test.each([
  ['**a** $x_1$ and $y_1$', '<strong>a</strong> \\(x_1\\) and \\(y_1\\)'],
  ['a\nb', 'a<br>b'],
  ['a\n\nb', '<p>a</p>\n<p>b</p>'],
  ['- a\n- $x$', '<ul>\n<li>a</li>\n<li>\\(x\\)</li>\n</ul>'],
  ['so\n$$\na\n- b\n$$', 'so\n<p>\\[\na\n- b\n\\]</p>'],
  ['\\[\nx_1*y*\n\\]', '\\[\nx_1*y*\n\\]'],
  ['x `$y$` z', 'x <code>$y$</code> z'],
  ['```\n$x$\n```', '<pre><code>$x$\n</code></pre>'],
  ['\\(a_1 < b_2\\)', '\\(a_1 &lt; b_2\\)'],
  ['{{c1::**b**}} and [sound:a_b_c.mp3]', '{{c1::<strong>b</strong>}} and [sound:a_b_c.mp3]'],
  ['US$5 *x* $10', 'US$5 <em>x</em> $10'],
  ['<b>q</b> & r', '<b>q</b> &amp; r'],
])('converts Markdown: %j', async (markdown, expected) => {
  const html = await markdownToHtml(markdown);
  expect(html.replace(/^<p>so<\/p>/, 'so')).toBe(expected);
});

test.each([
  ['<b>x', ['b']],
  ['<div><b>x</div>', ['b']],
  ['<p>a<p>b<ul><li>a<li>b</ul><br><img src=x><table><tr><td>x</table>', []],
  ['a < b <i>x</i>', []],
])('finds unclosed tags: %s', (html, expected) => {
  expect(unclosedTags(html)).toEqual(expected);
});

test.each([
  ['a &amp; <b>b</b>', 'a & b'],
  ['<img src="x.jpg">', ' x.jpg '],
  ['<script>q</script>z<!--y-->', 'z'],
  ['e\u0301&nbsp;x', 'é x'],
])('returns the text without markup: %s', (html, expected) => {
  expect(bareText(html)).toBe(expected);
});
