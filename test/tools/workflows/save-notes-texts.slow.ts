import { expect, test } from 'vitest';
import { card, engine, fieldsOf, one } from '../../support/saving.ts';

const cloze = { deckName: 'Default', modelName: 'Cloze' };
const clozeNote = (Text: string, more: object = {}) => one({ fields: { Text } }, { ...cloze, ...more });

test.each([
  ['\\(\frac{a}{b} + \theta + \beta\\)', '\\(\\frac{a}{b} + \\theta + \\beta\\)', '\\frac'],
  [
    '$\text{x}$ and $$\begin{aligned}x\\end{aligned}$$',
    '\\(\\text{x}\\) and \\[\\begin{aligned}x\\end{aligned}\\]',
    '',
  ],
  ['$a\neq b$', '\\(a\\neq b\\)', '\\neq'],
  ['$\nu = 3$ and \\(x \ne 0\\)', '\\(\\nu = 3\\) and \\(x \\ne 0\\)', '\\nu, \\ne'],
  ['$\nabla f$ and $\rho\right)$', '\\(\\nabla f\\) and \\(\\rho\\right)\\)', '\\nabla'],
  ['\\[2\times 3\\]', '\\[2\\times 3\\]', '\\times'],
  ['x \to y: $x\to y$', 'x \to y: \\(x\\to y\\)', '\\to'],
  ['\\(\varepsilon \vec{v}\\)', '\\(\\varepsilon \\vec{v}\\)', '\\varepsilon'],
  ['the angle \beta', 'the angle \\beta', '\\beta'],
  ['[latex]\frac{1}{2}[/latex]', '[latex]\\frac{1}{2}[/latex]', '\\frac'],
])('restores LaTeX that lost its backslash to JSON: %j', async (text, stored, warned) => {
  for (const markdown of [false, true]) {
    const { id, outcome, warnings } = await one(card('q', text), { markdown, onDuplicate: 'add' });
    expect(outcome).toBe('created');
    expect((await fieldsOf(id))['Back']).toBe(stored);
    expect(warnings?.join()).toContain(warned);
    expect(warnings?.join()).toContain('had lost the backslash and was restored');
  }
});

test.each([
  ['a page\fNext page', 'U+000C', '\\fNext'],
  ['\bword\b', 'U+0008', '\\bword'],
  ['a\vb', 'U+000B', '\\vb'],
  ['end\f', 'U+000C', '\\f'],
])('refuses control characters that Anki drops: %j', async (text, character, right) => {
  const { outcome, why } = await one(card('q', text));
  expect(outcome).toBe('invalid');
  expect(why).toContain(character);
  expect(why).toContain(right);
});

test.each([
  ['$$a\nu b$$', '\\nu'],
  ['2\times 3', '\\times'],
  ['\\\\(\\frac{a}{b}\\\\)', 'doubled backslash'],
  ['$\\\\frac{a}{b}$', 'doubled backslash'],
  ['$$\\\\sum_{i} x$$', 'doubled backslash'],
  ['Line one\\nLine two', '\\n is shown as typed'],
  ['List:\\n- a\\n- b', '\\n is shown as typed'],
  ['What is **TCP**?', 'Markdown such as **bold**'],
  ['A *transport* protocol', 'Markdown such as *italic*'],
  ['***both***', 'Markdown such as **bold**'],
  ['so _this_ one', 'Markdown such as _italic_'],
  ['![a](b.png)', 'Markdown such as ![picture](…)'],
  ['| a | b |\n|---|---|\n| c | d |', 'Markdown such as | table |'],
  ['protocol with `SYN`', 'Markdown such as `code`'],
  ['1. <b>Prophase</b>\n2. Metaphase', 'line breaks'],
  ['<p>a</p>x\ny', 'line breaks'],
  ['a <b', 'is lost'],
  ['List<int', 'is lost'],
  ['List<int> x', '<int> not closed'],
  ['{{c1::b', 'not closed'],
])('warns about %j', async (text, warning) => {
  const { outcome, warnings } = await one(card('q', text));
  expect(outcome).toBe('created');
  expect(warnings?.join()).toContain(warning);
});

test.each([
  '$$\na\n+ b\n$$',
  '[latex]x<y[/latex]',
  '[latex]costs \\$5 and $x<y$ and $z$[/latex]',
  '$5 and $10',
  'between $5 and $10, or US$20',
  '2 * 3 * 4 and a*b*c',
  'f(*args, **kwargs)',
  'int *p, *q',
  '<ul>\n<li>a</li>\n<li>b</li>\n</ul>',
  '<p>a</p>\n<p>b</p>',
  'a<br>\nb',
  '<pre>a\nb</pre>',
  '<code>**x** `y` \\n</code>',
  '\\(a * b * c\\) and \\(\\begin{matrix}a\\\\ b\\\\[2pt]c\\end{matrix}\\)',
  'C:\\new\\notes.txt',
  'a < b and c > d',
  'snake_case_name and __init__.py',
  'see $x<y$ and $c>d$',
])('does not warn about %j', async (text) => {
  const { outcome, warnings } = await one(card('q', text));
  expect([outcome, warnings]).toEqual(['created', undefined]);
});

test.each([
  ['[latex]x<y[/latex]', '[latex]x<y[/latex]'],
  ['[latex]$a<b$[/latex] $c$', '[latex]$a<b$[/latex] \\(c\\)'],
  ['[$]x<y[/$]', '[$]x<y[/$]'],
  ['$a<b$ and $c>d$', '\\(a&lt;b\\) and \\(c>d\\)'],
  ['\\(a<b\\)', '\\(a&lt;b\\)'],
  ['$5 and $10', '$5 and $10'],
])('converts %j to %j', async (text, stored) => {
  const { id } = await one(card('q', text));
  expect((await fieldsOf(id))['Back']).toBe(stored);
});

test.each([
  ['**「你好」**了', '<strong>「你好」</strong>了'],
  ['***「x」***了', '<em><strong>「x」</strong></em>了'],
  ['**「*你*好」**了', '<strong>「<em>你</em>好」</strong>了'],
  ['他说**“好”**了', '他说<strong>“好”</strong>了'],
  ['了*（a）*了 and **b**', '了<em>（a）</em>了 and <strong>b</strong>'],
  ['**bold**: a * b * c', '<strong>bold</strong>: a * b * c'],
])('converts emphasis next to CJK punctuation: %s', async (text, stored) => {
  const { id } = await one(card('q', text), { markdown: true });
  expect((await fieldsOf(id))['Back']).toBe(stored);
});

test.each([
  ['{{c1::<code>std::vector</code>}}', '{{c1::<code>std:<!-- -->:vector</code>}}', false],
  ['{{c1::<code>a = {{1}}</code>::hint}}', '{{c1::<code>a = {{1}<!-- -->}</code>::hint}}', false],
  ['{{c1::`std::vector`}}', '{{c1::<code>std:<!-- -->:vector</code>}}', true],
  ['{{c1::`std::vector`}}', '{{c1::`std:<!-- -->:vector`}}', false],
  ['<code>x = {{c1::5::number}}</code>', '<code>x = {{c1::5::number}}</code>', false],
])('keeps code within a deletion: %s', async (text, stored, markdown) => {
  const { id, outcome } = await clozeNote(text, { markdown });
  expect(outcome).toBe('created');
  expect((await fieldsOf(id))['Text']).toBe(stored);
});

test('keeps a code block within a deletion', async () => {
  const { id, outcome } = await clozeNote(
    'Init: {{c1::\n```cpp\nstd::array<int, 2> a = {{1, 2}};\n```\n}} done',
    {
      markdown: true,
    },
  );
  expect(outcome).toBe('created');
  const { Text = '' } = await fieldsOf(id);
  expect(Text).toContain('std:<!-- -->:array&lt;int, 2&gt; a = {{1, 2}<!-- -->};');
  const [created] = await engine.call('notesInfo', { notes: [id ?? 0] });
  expect(created?.cards).toHaveLength(1);
});

test.each([
  ['{{c1::a}} and {{C2::b}}', '{{c2::'],
  ['{{c1::a}} and {c2::b}', '{{c2::'],
  ['{{c1::a}} and {{c2:b}}', '{{c2::'],
  ['{{c1::a}} and {{c2::}}', 'empty deletion'],
  ['{{c1::}}', 'empty deletion'],
  ['{{c1::<br>::hint}}', 'empty deletion'],
  ['{{c501::x}}', 'c500 only'],
])('refuses a faulty deletion: %s', async (text, why) => {
  expect(await clozeNote(text)).toMatchObject({ outcome: 'invalid', why: expect.stringContaining(why) });
});

test.each([
  ['{{c1::x}} {{c501::y}}', 'c500 only'],
  ['{{c1::f(){ return {a:{b}} }}}', 'at the first }}'],
  ['<code>{{c1::std::vector}}</code>', 'is a hint'],
])('warns about a deletion that loses something: %s', async (text, warning) => {
  const { outcome, warnings } = await clozeNote(text);
  expect(outcome).toBe('created');
  expect(warnings?.join()).toContain(warning);
});

test('an update of a note that has the same faulty deletion already is saved with a warning', async () => {
  const fields = { Text: '{{c1::a}} {c2::b}', 'Back Extra': '' };
  const id = await engine.call('addNote', { note: { ...cloze, fields } });
  const again = { id, fields: { Text: '{{c1::new}} {c2::b}' } };
  const { outcome, warnings } = await one(again);
  expect(outcome).toBe('updated');
  expect(warnings?.join()).toContain('write {{c2::');
});
