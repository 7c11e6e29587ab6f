/** Texts that were slow or may be slow to scan: repeated openers, nested elements, unclosed delimiters and their mixtures. */
const repeated = [
  ['[sound:', '[sound:a', '[anki:play:', '[anki:play:q:0]', '\\(', '\\[', '\\)\\(', '[$]', '[$$]', '[latex]'],
  ['[/$][$]', '$', '$$', '$a', '$5 ', '\\$', '`', '` $', '{{c1::', '{{c1::a', '{{c1::}}{{', '{{c11111', '{{'],
  [
    '}}',
    '{',
    '[[type:',
    '[[type:a:',
    '[',
    '![',
    '](',
    '[a](',
    '[]',
    '‹',
    '‹a',
    '\u2068',
    '\\',
    '\\\\',
    '&',
    '&amp',
  ],
  [
    '&amp;',
    '&#',
    '<',
    '</',
    '<a',
    '<a ',
    '<a b=',
    '<a b="',
    '<hr ',
    '<hr id=answer',
    '<hr id=answer ',
    '<!--',
  ],
  [
    '<!',
    '<?',
    '<![CDATA[',
    '-->',
    '<script>',
    '<style>',
    '<style ',
    '<style></style>',
    '</style>',
    '<textarea>',
  ],
  ['<title>', '<template>', '<svg>', '<svg><title>', '<math><mi>', '<form>', '<p>', '</p>', '<b>', '<b></i>'],
  ['<i></i>', '<div>', '<div>a', '<br>', '<br><div>', '<ol><li>', '<ul><li>a', '<li>', '<dl><dt>a<dd>b'],
  [
    '<table><tr><td>',
    '<table><tr><td>a',
    '<td>',
    '<tr><td>a<td>b',
    '<td><br>',
    '<pre>',
    '<pre>\n',
    '<pre><td>',
  ],
  [
    '<ruby>a<rt>b',
    '<sup>',
    '<span style="display:none">',
    '<div style="display : ',
    '<img src=a.png>',
    '<img src=',
  ],
  [
    '<img class=latex alt=a>',
    '<img src="data:',
    '<img src=%>',
    '<audio src=a.mp3>',
    '<font color=red>',
    '<a><b><i>',
  ],
  [
    '* ',
    '*a',
    '**a ',
    '_a',
    '***a** b',
    '~~a',
    '> ',
    '>',
    '- ',
    '1. ',
    '# ',
    '#',
    '\n',
    '\n\n',
    'a\n',
    'a  \n',
  ],
  [
    '|a',
    '|a|b|\n|-|-|\n',
    '<http://',
    'http://a',
    'www.a.',
    'a@b',
    '"',
    ' ',
    '\t',
    '\u00a0',
    '\0',
    'a',
    'a ',
    'aa  ',
  ],
  ['1', ',', '::', '😀', 'a\u0301', '\\(<b>', '$<b>', '[sound:<b>', '<b>[sound:', '{{c1::$', '\\({{c1::'],
].flat();

const nestedList = (length: number): string => {
  let list = '';
  for (let depth = 0; list.length < length; depth = (depth + 1) % 300) list += `${'  '.repeat(depth)}- a\n`;
  return list;
};

const unclosed = ['[sound:', '\\(', '$$', '{{c1::', '<style>', '<!--', '<a b="', '[latex]', '`', '<pre>'];

type Shape = (length: number) => string;

const of =
  (part: string): Shape =>
  (length) =>
    part.repeat(Math.ceil(length / part.length)).slice(0, length);

/** Functions that return a text of about this many characters, by name. */
export const shapes: readonly (readonly [name: string, shape: Shape])[] = [
  ...repeated.map((part) => [JSON.stringify(part), of(part)] as const),
  ...unclosed.map(
    (part) => [`${part} and letters`, (length: number) => `${part}${of('b c')(length)}`] as const,
  ),
  ...unclosed.map((part) => [`letters between ${part}`, of(`${part} ${'x'.repeat(90)} `)] as const),
  ['openers with one closer', (length) => `${of('[sound:\\(\\[[$]{{c1::')(length)}]\\)\\][/$]}}`],
  [
    'closers before openers',
    (length) => `]\\)\\][/$]}}</style>${of('[sound:\\(\\[[$]{{c1::<style>')(length)}`,
  ],
  ['nested and closed', (length) => `${of('<b>')(length / 2)}${of('</b>')(length / 2)}`],
  ['nested lists with growing indentation', nestedList],
  ['all delimiters', of(repeated.join(''))],
];
