import { describe, expect, it } from 'vitest';
import { type Json, parseJson, printJson } from '../../src/lib/json.ts';

describe('parseJson', () => {
  it.each<[string, Json]>([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['[-4611686018427387905,1]', [-4611686018427387905n, 1]],
    ['{"id":1234567890123456789012345678901234567890}', { id: 1234567890123456789012345678901234567890n }],
    ['{"deep":[{"id":9223372036854775807}]}', { deep: [{ id: 9223372036854775807n }] }],
    [
      '[12345678901234567000.5,1.5000000000000000000000,1e20,12345678901234567000E-1]',
      [12345678901234567000, 1.5, 1e20, 1234567890123456800],
    ],
    ['[NaN,Infinity,-Infinity,{"a":NaN}]', [null, null, null, { a: null }]],
    ['[0.1234567890123456, -0, true, "x"]', [0.1234567890123456, -0, true, 'x']],
  ])('reads %s', (text, value) => {
    expect(parseJson(text)).toStrictEqual(value);
  });

  it.each([
    '12345678901234567890',
    'NaN and -Infinity',
    'a "quoted" 12345678901234567890 NaN',
    '\\12345678901234567890\\',
    '\\"',
    ', 12345678901234567890, "',
    '\u2028\ud800 é 12345678901234567890',
  ])('does not change the string %j, as a value or as a key', (text) => {
    const quoted = JSON.stringify(text);
    const parsed = parseJson(`{${quoted}: [${quoted}, 98765432109876543210, ${quoted}]}`);
    expect(parsed).toStrictEqual({ [text]: [text, 98765432109876543210n, text] });
  });

  it.each([
    '12345678901234567890 1',
    '{12345678901234567890: 1}',
    '{NaN: 1}',
    '-NaN',
    '012345678901234567890',
    '-',
    '12345678901234567890.',
    '[12345678901234567890',
    '"12345678901234567890',
    '12345678901234567890[0]',
    '\\"12345678901234567890',
    '<html>1234567890123456</html>',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it.each(['{"__proto__": {"polluted": 1}}', '{"__proto__": {"polluted": 1, "id": 12345678901234567890}}'])(
    'reads the key __proto__ as data: %s',
    (text) => {
      const parsed = parseJson(text);
      expect(Object.keys(parsed ?? {})).toStrictEqual(['__proto__']);
      expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
      expect(printJson(parsed, 'digits')).toBe(text.replaceAll(' ', ''));
    },
  );

  it('reads long strings full of escapes', () => {
    const text = `["${'\\n1'.repeat(6_000_000)}",12345678901234567890]`;
    expect(parseJson(text)).toStrictEqual(['\n1'.repeat(6_000_000), 12345678901234567890n]);
  });
});

describe('printJson', () => {
  const value: Json = {
    id: 12345678901234567890n,
    ids: [-9007199254740993n, 7],
    text: '12345678901234567890',
    none: undefined,
  };

  it('prints bigints as bare digits for the wire', () => {
    expect(printJson(value, 'digits')).toBe(
      '{"id":12345678901234567890,"ids":[-9007199254740993,7],"text":"12345678901234567890"}',
    );
  });

  it('prints bigints as strings for readers that would round numbers', () => {
    expect(printJson(value, 'strings')).toBe(
      '{"id":"12345678901234567890","ids":["-9007199254740993",7],"text":"12345678901234567890"}',
    );
  });
});

/** Returns a generator of pseudo-random integers (mulberry32). The seed makes a failure reproducible. */
const seededRandom = (seed: number) => (end: number) => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
};

/** Text pieces that a JSON parser may handle wrongly. */
const textPieces = [
  '"',
  '\\',
  'NaN',
  '-Infinity',
  '12345678901234567890',
  '\n',
  '\ud83d\ude00',
  '\ud800',
  '[',
  '}',
  ':',
  ' ',
  '__proto__',
  '-',
  'e5',
];

const randomValue = (random: (end: number) => number, depth: number): Json => {
  const text = () => Array.from({ length: random(4) }, () => textPieces[random(textPieces.length)]).join('');
  const several = <T>(item: () => T): T[] => Array.from({ length: random(5) }, item);
  const digits = () => Array.from({ length: 17 + random(8) }, () => 1 + random(9)).join('');
  switch (random(depth > 4 ? 5 : 8)) {
    case 0:
      return [null, true, false][random(3)] ?? null;
    case 1:
      return (random(2 ** 31) - 2 ** 30) / 2 ** random(40);
    case 2:
      return BigInt(digits()) * (random(2) === 0 ? 1n : -1n);
    case 3:
      return random(2) * Number.MAX_SAFE_INTEGER;
    case 4:
      return text();
    case 5:
      return several(() => randomValue(random, depth + 1));
    default:
      return Object.fromEntries(several((): [string, Json] => [text(), randomValue(random, depth + 1)]));
  }
};

it.each([1, 2, 3])('parses what it printed, for random values (seed %i)', (seed) => {
  const random = seededRandom(seed);
  for (let round = 0; round < 500; round++) {
    const value = [randomValue(random, 0), 12345678901234567890n];
    expect(parseJson(printJson(value, 'digits'))).toStrictEqual(value);
  }
});
