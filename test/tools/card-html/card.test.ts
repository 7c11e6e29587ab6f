import { expect, test } from 'vitest';
import { cleanCss } from '../../../src/tools/card-html/css.ts';
import { cleaned } from '../../support/cleaned-card.ts';
import { png } from '../../support/saving.ts';

test.each([
  'b {color: red}',
  '<b class="x" style="color:red">x</b>',
  '<ruby>漢<rt>かん</rt></ruby>',
  '<table><tr><td colspan="2">x</td></tr></table>',
  '<p dir="rtl" lang="ar">مرحبا</p>',
  '<style>.card{color:red}@media (width < 400px){.card{color:blue}}.night_mode .x>b::before{content:"→ "}</style>',
  '<svg viewBox="0 0 9 9"><path d="M0 0L9 9" stroke="red"></path></svg>',
  '<details><summary>x</summary>y</details>',
])('keeps what cards ordinarily contain: %s', async (card) => {
  expect((await cleaned(card)).replaceAll('viewbox', 'viewBox')).toBe(card.replaceAll('>b::', '>b::'));
});

test('replaces a file of the media folder by its content, also in a stylesheet and under an encoded name', async () => {
  const html = await cleaned('<style>p{background:url("a b.png")}</style><img src="a%20b.png" alt="x">', {
    'a b.png': png,
  });
  expect(html).toBe(
    `<style>p{background:url("data:image/png;base64,${png}")}</style><img src="data:image/png;base64,${png}" alt="x">`,
  );
});

test('says that a picture is missing, too large, or no picture', async () => {
  const large = Buffer.concat([Buffer.from(png, 'base64'), Buffer.alloc(500_000)]).toString('base64');
  const files = { 'large.png': large, 'page.png': Buffer.from('<html>').toString('base64') };
  const html = await cleaned('<img src=large.png><img src=page.png><img src=none.png alt=Rome>', files);
  expect(html.match(/missing-picture/g)).toHaveLength(3);
  expect(html).toContain('>A picture is missing: Rome<');
  expect(html).not.toContain('<img');
});

test('sends at most 1 MB of files for a side', async () => {
  const each = Buffer.concat([Buffer.from(png, 'base64'), Buffer.alloc(400_000)]).toString('base64');
  const html = await cleaned('<img src=1><img src=2><img src=3>', { 1: each, 2: each, 3: each });
  expect(html.match(/<img/g)).toHaveLength(2);
});

test('opens a hint without a script', async () => {
  const hint =
    '<a class=hint href="#" onclick="this.style.display=\'none\';return false;">Show Hint</a>\n<div id="hint99" class=hint style="display: none">a <b>hint</b></div>';
  expect((await cleaned(hint)).trim()).toBe(
    '<details class="hint"><summary>Show Hint</summary>a <b>hint</b></details>',
  );
});

test('marks a link to the web for the panel, and makes other links text', async () => {
  expect(await cleaned('<a href="https://example.org/?a=1&b=2">x</a><a href="#y">z</a>')).toBe(
    '<a data-href="https://example.org/?a=1&amp;b=2" role="link" tabindex="0">x</a><a>z</a>',
  );
});

test('writes formulas as MathML, and those that it cannot read as they are', async () => {
  const html = await cleaned(
    '\\(\\frac{1}<br>{2}\\) \\[x^2\\] \\(\\unknown{x}\\) <code>\\(x\\)</code> \\(open',
  );
  expect(html).toMatch(/<math[^>]*><mfrac><mn>1<\/mn><mn>2<\/mn><\/mfrac><\/math>/);
  expect(html).toContain('display="block"');
  expect(html).toContain('<code class="tex">\\unknown{x}</code>');
  expect(html).toContain('<code>\\(x\\)</code>');
  expect(html).toContain('\\(open');
});

test('limits formulas in number, length and depth', async () => {
  const many = await cleaned('\\(x\\)'.repeat(60));
  expect(many.match(/<math/g)).toHaveLength(50);
  const deep = `\\(${'\\frac{'.repeat(300)}x\\)`;
  for (const card of [deep, `\\(${'x+'.repeat(2_000)}\\)`, '\\(\\def\\a{\\a\\a}\\a\\)'])
    expect(await cleaned(card)).toMatch(/^<code class="tex">/);
});

const occlusion = (shapes: string) =>
  `<div style="display: none">${shapes}</div><div id="image-occlusion-container"><img src="map.png"><canvas id="image-occlusion-canvas"></canvas></div>`;

test('draws the masks of an image occlusion over the picture', async () => {
  const html = await cleaned(
    occlusion(
      '<div class="cloze" data-ordinal="1" data-shape="rect" data-left=".1" data-top=".2" data-width=".3" data-height=".4" data-occludeInactive="1"></div>' +
        '<div class="cloze-inactive" data-shape="ellipse" data-left=".5" data-top=".5" data-rx=".1" data-ry=".2" data-occludeInactive="1"></div>' +
        '<div class="cloze-inactive" data-shape="polygon" data-points="0,0 1,0 1,1"></div>' +
        '<div class="cloze" data-shape="text" data-left=".5" data-top=".1" data-text="North"></div>',
    ),
    { 'map.png': png },
  );
  expect(html).toContain('<rect x="0.1" y="0.2" width="0.3" height="0.4" class="mask-active"></rect>');
  expect(html).toContain('<ellipse cx="0.6" cy="0.7" rx="0.1" ry="0.2" class="mask-inactive"></ellipse>');
  expect(html).not.toContain('<polygon');
  expect(html).toContain('style="left:50%;top:10%">North</span>');
});

test.each(['', '<div class="cloze" data-shape="blob" data-left="0"></div>'])(
  'shows no picture whose masks it cannot draw: %j',
  async (shapes) => {
    const html = await cleaned(occlusion(shapes), { 'map.png': png });
    expect(html).not.toContain('<img');
    expect(html).toContain('cannot be drawn here');
  },
);

test.each([
  ['a{width:50vh}', 'a{width:300px}'],
  ['a{width:10vw;margin:-1px 1.5em .5e2px +2%}', 'a{width:10vw;margin:-1px 1.5em .5e2px +2%}'],
  ['.\\31 23{color:#123}', '.\\31 23{color:#123}'],
  ['a{b:u\\72 l(x)}', 'a{b:url("data:,")}'],
  ['a{b:"\\"<\\0a"}', 'a{b:"\\22 \\3c \\a "}'],
  ['a{contain:paint} .element{color:red}', 'a{contain:paint} .element{color:red}'],
  ['a{width:calc(100% - 2px);x:rgb(1 2 3 / .5)}', 'a{width:calc(100% - 2px);x:rgb(1 2 3 / .5)}'],
  [':is(a,b):nth-child(2n+1)>c~d+e{--Own:1}', ':is(a,b):nth-child(2n+1)>c~d+e{--Own:1}'],
  ['a{b:c\\', 'a{b:c'],
])('writes %j as %j', (css, expected) => {
  expect(cleanCss(css)).toBe(expected);
});
