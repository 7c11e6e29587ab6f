import * as fc from 'fast-check';

/** Changes a text, as a faulty connection or program would. */
type Corruption = (text: string) => string | Buffer;

/** Replacements for a number on which JSON parsers disagree. */
const numerals = [
  '1e999',
  '-1e999',
  'NaN',
  '-Infinity',
  '12345678901234567890',
  '-0',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '1e21',
  '1.0',
  '0.1',
  '1e-400',
  '01',
  'null',
  'true',
  '"1"',
  '{}',
  '[]',
];

const inPlaceOfANumber = fc
  .tuple(fc.nat(9999), fc.constantFrom(...numerals))
  .map(([index, numeral]): Corruption => (text) => {
    const found = [...text.matchAll(/-?\d+(\.\d+)?(e[+-]?\d+)?/g)];
    const number = found[index % Math.max(1, found.length)];
    if (!number) return text;
    return text.slice(0, number.index) + numeral + text.slice(number.index + number[0].length);
  });

const cut = fc.nat(9999).map(
  (end): Corruption =>
    (text) =>
      text.slice(0, end % (text.length + 1)),
);

const otherByte = fc.tuple(fc.nat(99_999), fc.nat(255)).map(([place, byte]): Corruption => (text) => {
  const bytes = Buffer.from(text);
  bytes[place % bytes.length] = byte;
  return bytes;
});

const otherwise = fc.constantFrom<Corruption>(
  (text) => `\ufeff${text}`,
  (text) => Buffer.from(text, 'utf16le'),
  (text) => `${text} x`,
  (text) => text.replace('{', '{"action": "version", '),
  (text) => `[${text}]`,
  (text) => `// \n${text}`,
  (text) => text.replaceAll('"', "'"),
  (text) => text.replaceAll('}', ',}'),
  () => ' ',
  () => 'null',
  () => '"',
);

/** Mostly leaves JSON unchanged; otherwise replaces a number, truncates the text or makes it invalid. */
export const corrupted: fc.Arbitrary<Corruption> = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Corruption>((text) => text) },
  { weight: 4, arbitrary: inPlaceOfANumber },
  { weight: 1, arbitrary: cut },
  { weight: 1, arbitrary: otherByte },
  { weight: 1, arbitrary: otherwise },
);
