import * as fc from 'fast-check';
import type { Draw } from './arbitrary.ts';
import { hostileNumbers, hostileTexts } from './hostile.ts';

const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
};

/** JSON values that no parameter accepts. */
export const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  [{}],
  ['a', 1, null, [2]],
  { a: 1 },
  { length: 3 },
  JSON.parse('{"then": 1, "toJSON": 2, "toString": 3, "valueOf": 4}'),
  JSON.parse('{"__proto__": {"polluted": 1}}'),
  JSON.parse('{"constructor": {"prototype": {"polluted": 1}}}'),
  Array.from({ length: 2000 }, (_, index) => index),
  Array.from({ length: 500 }, () => 'x'),
  nested(200, (inner) => [inner]),
  nested(200, (inner) => ({ inner })),
  nested(30, (inner) => ({ action: 'multi', params: { actions: [inner] } })),
  ...hostileNumbers,
  ...hostileTexts,
];

const oddKeys = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'extra',
  'key',
  'version',
  'NOTE',
  '0',
  '\ud800',
];

/** Changes a value at one place. */
type Fault = (at: Place) => void;

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

const isHolder = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Sets an own member, also __proto__; in a list, an item. */
const put = (holder: object, key: string, value: unknown): void => {
  if (Array.isArray(holder)) holder.splice(Number(key) || 0, 1, value);
  else Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
};

function* placesIn(holder: Record<string, unknown>): Generator<Place> {
  for (const key of Object.keys(holder)) {
    yield { holder, key };
    const value = holder[key];
    if (isHolder(value)) yield* placesIn(value);
  }
}

const odd = fc.constantFrom(...oddValues);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  odd.map(
    (value): Fault =>
      ({ holder, key }) =>
        put(holder, key, structuredClone(value)),
  ),
  fc.constant<Fault>(({ holder, key }) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  }),
  fc.constant<Fault>(({ holder, key }) => put(holder, key, [holder[key]])),
  fc.constant<Fault>(({ holder, key }) => put(holder, key, JSON.stringify(holder[key]))),
  fc.tuple(fc.constantFrom(...oddKeys), odd).map(([name, value]): Fault => {
    return ({ holder, key }) => {
      const inner = holder[key];
      put(isHolder(inner) ? inner : holder, name, structuredClone(value));
    };
  }),
);

/** Puts one to three errors into arguments, at any depth. They stay an object, because a call needs one. */
export const invalid = (valid: fc.Arbitrary<Draw>): fc.Arbitrary<Draw> =>
  fc
    .tuple(valid, fc.array(fc.tuple(fc.nat(9999), fault), { minLength: 1, maxLength: 3 }))
    .map(([draw, faults]) => (world) => {
      const args = structuredClone(draw(world));
      const root: Record<string, unknown> = isHolder(args) ? args : {};
      for (const [index, change] of faults) {
        const places = [...placesIn(root)];
        change(places[index % Math.max(1, places.length)] ?? { holder: root, key: 'extra' });
      }
      return root;
    });
