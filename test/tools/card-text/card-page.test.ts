import { expect, test } from 'vitest';
import { seenAnswer, seenQuestion } from '../../../src/tools/card-text/card-page.ts';

const question = (html: string, css = '') =>
  seenQuestion({ question: `<style>${css}</style>${html}`, answer: '', fields: {}, fieldOrder: 0 });
const answer = (html: string, css = '') =>
  seenAnswer({ question: '', answer: `<style>${css}</style>${html}`, fields: {}, fieldOrder: 0 });

const x = '<b class="x" id="i" data-a="1">secret</b>';

test.each([
  ['a class', '.x{display:none}'],
  ['an id', '#i{display:none}'],
  ['an element name', 'B{DISPLAY:NONE}'],
  ['an attribute', '[data-a="1"]{display:none}'],
  ['a descendant of the card', '.card #qa .x{display:none}'],
  ['the ordinal of the card', '.card1 > #qa > .x{display:none}'],
  [':not()', 'b:not(.y){display:none}'],
  [':is() with an invalid part', ':is(.x, :unknown){display:none}'],
  ['position among children', ':last-child{display:none}'],
  ['@media screen', '@media screen and (min-width: 100px){.x{display:none}}'],
  ['@supports', '@supports (display: grid){.x{display:none}}'],
  ['nesting', '.card{ & .x{display:none} }'],
  ['nested @media', '.x{ @media screen {display:none} }'],
  ['specificity', '#i{display:none} .x{display:inline}'],
  ['order', '.x{display:inline} .x{display:none}'],
  ['!important', '.x{display:none!important} #i{display:inline}'],
  [
    'the important one of two layers',
    '@layer a,b; @layer a{.x{display:none!important}} @layer b{.x{display:inline!important}}',
  ],
  ['an invalid later value', '.x{display:none; display:hidden}'],
  ['a variable', ':root{--d:none} .x{display:var(--d)}'],
  ['the fallback of a variable', '.x{display:var(--missing, none)}'],
  ['visibility', '.x{visibility:hidden}'],
  ['opacity', '.x{opacity:0}'],
  ['opacity in percent', '.x{opacity:0%}'],
  ['font size', '.x{font-size:0}'],
  ['the font shorthand', '.x{font:0/0 a}'],
  ['a transparent colour', '.x{color:transparent}'],
  ['a colour without alpha', '.x{color:rgb(1 2 3 / 0)}'],
  ['a transparent fill', '.x{-webkit-text-fill-color:transparent}'],
  ['the colour of the background', '.x{color:#fff}'],
  ['the colour of its own background', '.x{background:black;color:#000}'],
  ['no height', '.x{display:block;height:0;overflow:hidden}'],
  ['no width', '.x{display:inline-block;width:0;overflow:hidden}'],
  ['no maximum height', '.x{display:block;max-height:0;overflow:hidden}'],
  ['a position left of the window', '.x{position:absolute;left:-9999px}'],
  ['a margin left of the window', '.x{margin-left:-99em}'],
  ['a calculated position', '.x{position:fixed;top:calc(-1 * 200vh)}'],
  ['a text indent', '.card{text-indent:0} .x{display:block;text-indent:-9999px}'],
  ['a scale', '.x{display:inline-block;transform:scale(0)}'],
  ['a translation', '.x{display:block;transform:translateX(-200vw)}'],
  ['clip', '.x{position:absolute;clip:rect(0,0,0,0)}'],
  ['clip-path', '.x{clip-path:inset(50%)}'],
  ['a circle', '.x{clip-path:circle(0 at 50% 50%)}'],
  ['a polygon without area', '.x{clip-path:polygon(0 0,0 0,0 0)}'],
  ['content-visibility', '.x{display:block;content-visibility:hidden}'],
  ['blur', '.x{filter:blur(8px)}'],
  ['dots', '.x{-webkit-text-security:disc}'],
  ['a rule that only a pointer undoes', '.x{display:none} .x:hover{display:inline}'],
  [
    'a rule for unchecked boxes',
    'input:checked ~ .x{display:inline} .x{display:none}'.replace('.x{display:none}', 'b{display:none}'),
  ],
  ['a class of the desktop', ':is(.win,.mac,.linux):not(.mobile) .x{display:none}'],
  ['a broken stylesheet', '.y{color:red}} .z{;;} .x{display:none'],
])('hides what is hidden by %s', async (_, css) => {
  const html = css.includes('input') ? `<input type=checkbox>a ${x}` : `a ${x}`;
  expect((await question(html, css)).replace(/\s+/g, ' ')).toBe('a [hidden]');
});

test.each([
  ['a later rule', '.x{display:none} .x{display:inline}'],
  ['night mode', '.nightMode .x,.night_mode .x{display:none}'],
  ['mobile classes', '.mobile .x,.android .x,.iphone .x{display:none}'],
  ['print', '@media print{.x{display:none}}'],
  ['a dark scheme', '@media (prefers-color-scheme: dark){.x{display:none}}'],
  ['narrow windows', '@media (max-width: 600px){.x{display:none}}'],
  ['a pointer', '.x:hover{display:none}'],
  ['a list with an unknown part', '.x, :unknown{display:none}'],
  ['an unknown value', '.x{display:hidden}'],
  ['a comment', '/* .x{display:none} */'],
  ['the opposite of @supports', '@supports not (display: grid){.x{display:none}}'],
  ['a descendant that is visible again', '#qa{visibility:hidden} .x{visibility:visible}'],
  ['a height that does not clip', '.x{display:block;height:0}'],
  ['a width of inline text', '.x{width:0;height:0;overflow:hidden}'],
  [
    'text in the shape of a gradient',
    '.x{background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent}',
  ],
  ['white text on a dark card', '.card{background:#222} .x{color:white}'],
  ['the end of an animation', '@keyframes in{to{opacity:1}} .x{opacity:0;animation:in .3s forwards}'],
  ['the classes of a browser', '.x:first-line{display:none} .x::selection{color:transparent}'],
  ['revert', '.x{display:none} #i{display:revert}'],
])('shows what is not hidden by %s', async (_, css) => {
  expect(await question(x, css)).toMatch(/secret$/);
});

test.each([
  ['once for neighbours', 'a<p hidden>1</p><p hidden>2</p>b<i hidden>3</i>', '', 'a\n[hidden]\nb[hidden]'],
  ['not for nothing', 'a<p hidden> </p>b', '', 'ab'],
  ['in place of a picture', '<img class=x src=a.png>', '.x{display:none}', '[hidden]'],
  [
    'the hidden attribute, unless a style shows it',
    '<p hidden>1</p><p hidden class=x>2</p>',
    '.x{display:block}',
    '[hidden]\n2',
  ],
  ['closed details', '<details><summary>Hint</summary>secret</details>b', '', 'Hint\n[hidden]\nb'],
  ['details without a summary', '<details>secret</details>', '', 'Details\n[hidden]'],
  ['open details', '<details open><summary>Hint</summary>text</details>', '', 'Hint\ntext'],
  [
    'templates',
    'a<template>1</template><noscript>2</noscript><dialog>3</dialog><datalist><option>4</datalist>',
    '',
    'a[hidden]',
  ],
  ['an open dialog', 'a<dialog open>b</dialog>', '', 'a\nb'],
  [
    'content for old browsers',
    '<audio src=a.mp3>x</audio><video><source src=b.mp4>x</video><object>x</object><iframe>x</iframe><canvas>x</canvas>',
    '',
    '[sound: a.mp3][video: b.mp4][object][frame]',
  ],
  ['the selected option', '<select><option>a<option selected>b<option>c</select>', '', 'b'],
  ['all options of a list', '<select multiple><option>a<option>b</select>', '', 'a, b'],
  [
    'values and placeholders',
    '<input value=a><input placeholder=b><input type=password value=c><textarea>d</textarea>',
    '',
    'abd',
  ],
  ['buttons', '<button>Go <b>on</b></button><input type=submit>', '', '[button: Go on][button: Submit]'],
  [
    'an unchecked spoiler',
    '<input type=checkbox id=t><label for=t>Show</label><p class=x>1</p>',
    '.x{display:none}#t:checked~.x{display:block}',
    'Show\n[hidden]',
  ],
  [
    'a checked spoiler',
    '<input type=checkbox id=t checked><label for=t>Show</label><p class=x>1</p>',
    '.x{display:none}#t:checked~.x{display:block}',
    'Show\n1',
  ],
  [
    'text before and after',
    '<b class=x data-w=w>b</b>',
    '.x::before{content:"a\\2014 "}.x:after{content:" " attr(data-w) / "no"}',
    'a—b w',
  ],
  ['no hidden text before', '<b class=x>b</b>', '.x::before{content:"a";display:none}', 'b'],
  ['a text before as a line', '<b class=x>b</b>', '.x::before{content:"a";display:block}', 'a\nb'],
  [
    'blocks as lines',
    '<center>a</center><figure>b<figcaption>c</figcaption></figure><aside>d</aside><b class=x>e</b>f',
    '.x{display:block}',
    'a\nb\nc\nd\ne\nf',
  ],
  ['flexible boxes as lines', '<p><i>a</i><i>b</i></p>', 'p{display:flex}', 'a\nb'],
  ['blocks within a line', 'a<div>b</div>c', 'div{display:inline}', 'abc'],
  [
    'cells of any element',
    '<div class=r><p>a</p><p>b</p></div>',
    '.r{display:table-row}.r p{display:table-cell}',
    'a | b',
  ],
  ['line breaks that a style keeps', '<p>a\nb  c</p>', 'p{white-space:pre-line}', 'a\nb c'],
  [
    'numbers',
    '<ol start=3><li>a<li value=7>b<li>c</ol><ol reversed><li>d<li>e</ol>',
    '',
    '3. a\n7. b\n8. c\n2. d\n1. e',
  ],
  [
    'letters',
    '<ol type=A><li>a<li>b</ol><ol class=x start=4><li>c</ol>',
    '.x{list-style:lower-roman inside}',
    'A. a\nB. b\niv. c',
  ],
  ['style elements for another medium', '<style media=print>b{display:none}</style><b>a</b>', '', 'a'],
  ['attributes for colours', '<font color=white>a</font><p bgcolor=black>b</p>', '', '[hidden]'],
  ['no alternative text', '<img src=a.png alt=secret title=secret>', '', '[image: a.png]'],
])('shows %s', async (_, html, css, text) => {
  expect(await question(html, css)).toBe(text);
});

test('requests names only for pictures that are shown after the line before the answer', async () => {
  const html =
    '<img src=a.png><img src="b%C3%A4.jpg"><img src=a.png><img src=c.png class=x><img><img class=latex alt=x src=latex-d.png><details><img src=e.png></details>';
  const images: string[] = [];
  const fields = { question: '', fields: {}, fieldOrder: 0 };
  const side = { ...fields, answer: `<style>.x{opacity:0}</style><img src=q.png><hr id=answer>${html}` };
  await seenAnswer(side, (kind, name) => {
    images.push(`${kind} ${name}`);
    return '';
  });
  expect(images).toEqual(['image a.png', 'image bä.jpg', 'image a.png']);
});

test('the answer starts after its first line, with the styles of the complete card', async () => {
  const html = '<b>q</b><div><hr id=answer>QUESTION<center>ANSWER</center><hr id="answer"><i>x</i></div>';
  expect(await answer(html, 'i{display:none}')).toBe('QUESTION\nANSWER\n[hidden]');
  expect(await answer('<b>all</b>')).toBe('all');
});

test('a long question does not cut off the answer', async () => {
  const html = `<style>i{display:none}</style>${'q '.repeat(80_000)}<hr id=answer>a <i>b</i>`;
  expect(await answer(html)).toBe('a [hidden]');
});

test('says what is not evaluated', async () => {
  expect(await question('a<script>1</script>')).toBe(
    "a\n(This card has a script, which is not run. Anki's window may show more or less.)",
  );
  expect(await question('a', '@import "a.css"; @container (width > 1px) {b{color:red}}')).toBe(
    "a\n(Styles that are not evaluated: @import, @container. Anki's window may show more or less.)",
  );
  expect(await question('a<script type="application/json">1</script>')).toBe('a');
});

const hostile: readonly (readonly [name: string, html: string, css: string])[] = [
  ['a huge stylesheet', 'secret', 'a{color:red}'.repeat(50_000)],
  ['many rules', 'secret', '.a,.b,.c{color:red}'.repeat(3_000)],
  ['many rules for many elements', '<b>secret</b>'.repeat(7_000), 'b{color:red}'.repeat(4_000)],
  [
    'deep descendants',
    `${'<div>'.repeat(190)}${'<b>secret</b>'.repeat(3_000)}`,
    `i ${'div '.repeat(12)}b{color:red}`,
  ],
  [':has()', '<b>secret</b>'.repeat(7_000), ':has(:has(b ~ i)){color:red}'.repeat(50)],
  ['siblings', '<b>secret</b>'.repeat(7_000), 'b:nth-last-child(3n):nth-child(2n){color:red}'],
  ['many declarations', 'secret', `b{${'all:unset;'.repeat(40_000)}}`],
  ['much generated text', '<b>secret</b>'.repeat(5_000), `b::after{content:${'"aaaaaaaaaa"'.repeat(150)}}`],
  ['an open bracket', 'secret', `a{b:(${'c;'.repeat(100_000)}`],
  ['a long declaration', 'secret', `a{${'b:'.repeat(100_000)}}`],
  ['many parentheses', 'secret', `a{b:${'('.repeat(100_000)}`],
];
test.each(hostile)('does not show a question whose styles are too large: %s', async (_, html, css) => {
  expect(await question(html, css)).toBe(
    '[hidden]\n(The styles of this card are too large to be evaluated: the question is not shown.)',
  );
});

test.each([
  [
    'doubling variables',
    `:root{--a0:none;${Array.from({ length: 60 }, (_, at) => `--a${at + 1}:var(--a${at}) var(--a${at});`).join('')}} b{display:var(--a60)}`,
  ],
  ['a circle of variables', 'b{--a:var(--b);--b:var(--a);display:var(--a)}'],
  ['brackets', '[[[[((((}}}}{{{{;;;;@@@@""\'\''],
  ['open comments and strings', '/* b{display:none}'],
  ['nul characters', '\0b\0{\0}'],
  ['escapes', '\\b\\{\\'],
  ['an unknown at-rule', '@x y{b{display:none}}'],
])('survives %s', async (_, css) => {
  expect(await question('<b>text</b>', css)).toBe('text');
});
