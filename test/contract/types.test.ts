import { expectTypeOf, test } from 'vitest';
import type { Backend } from '../../src/contract/backend.ts';
import type { ActionName, Input, Output, Params } from '../../src/contract/index.ts';
import type { Json } from '../../src/lib/json.ts';

/** Calls that must not compile: `tsc` reports a @ts-expect-error without an error. */
export const invalidCalls = (call: Backend['call']) => [
  // @ts-expect-error -- the note is missing
  call('addNote', {}),
  // @ts-expect-error -- a deck name is a string
  call('createDeck', { deck: 1 }),
  // @ts-expect-error -- ids are numbers
  call('suspend', { cards: ['1'] }),
  // @ts-expect-error -- an unknown parameter
  call('deckNames', { query: '' }),
  // @ts-expect-error -- an ease is 1 to 4
  call('guiAnswerCard', { ease: 5 }),
  // @ts-expect-error -- an unknown action
  call('deckName', {}),
];

test('an action has the types of its schemas', () => {
  expectTypeOf<Input<'createDeck'>>().toEqualTypeOf<{ readonly deck: string }>();
  expectTypeOf<Output<'findCards'>>().toEqualTypeOf<number[]>();
  expectTypeOf<ActionName>().extract<'addNote'>().toEqualTypeOf<'addNote'>();
});

test("unchecked parameters have the contract's names and any JSON value", () => {
  expectTypeOf<Params<'findCards'>>().toEqualTypeOf<{ readonly query?: Json }>();
});
