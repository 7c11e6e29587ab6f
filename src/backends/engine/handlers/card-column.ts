import { AnkiRefused } from '../../../contract/errors.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { typeName } from '../../../anki-connect/python.ts';
import { id, text } from '../session/python.ts';
import type { Card } from './stored-card.ts';

type ColumnWriter = (card: Card, value: Json) => void;

/** Parses the value of a card's field, which has this name in the engine. */
type Parser<T> = (value: Json, field: string) => T;

/** Returns a parser of integers with this many bits. Null counts as 0. */
const integer =
  (bits: number, signed: boolean): Parser<bigint> =>
  (value, field) => {
    if (typeof value === 'boolean')
      throw new AnkiRefused(`Field anki.cards.Card.${field}: Expected an int, got a boolean.`);
    const number = id(value);
    const wrapped = signed ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number);
    if (wrapped !== number) throw new AnkiRefused(`Value out of range: ${number}`);
    return number;
  };
const int64 = integer(64, true);
const int32: Parser<number> = (value, field) => Number(integer(32, true)(value, field));
const uint32: Parser<number> = (value, field) => Number(integer(32, false)(value, field));

/** Deck 0 does not exist. A card in it would make every later database check fail. */
const deckId: Parser<bigint> = (value, field) => {
  const did = int64(value, field);
  if (did === 0n) throw new AnkiRefused('did must be the id of a deck: 0 and null are not allowed.');
  return did;
};

const real = (value: Json): number => {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  throw new AnkiRefused(`must be real number, not ${typeName(value)}`);
};

const memoryState = (value: Json): Card['memoryState'] => {
  if (!isObject(value)) {
    throw new AnkiRefused(
      `Parameter to initialize message field must be dict or instance of same class: expected <class 'anki.cards_pb2.FsrsMemoryState'> got <class '${typeName(value)}'>.`,
    );
  }
  const { stability = 0, difficulty = 0, ...others } = value;
  for (const name of Object.keys(others))
    throw new AnkiRefused(`Protocol message FsrsMemoryState has no "${name}" field.`);
  // The card is a decoded protobuf message, which accepts a nested message only with its type name.
  const $typeName = 'anki.cards.FsrsMemoryState';
  const state = { $typeName, stability: real(stability), difficulty: real(difficulty) };
  return state;
};

/** Returns a parser that also accepts null, which removes the value. */
const optional =
  <T>(parse: Parser<T>): Parser<T | undefined> =>
  (value, field) =>
    value === null ? undefined : parse(value, field);

const column = <Member extends keyof Card>(member: Member, parse: Parser<Card[Member]>): ColumnWriter => {
  const field = member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return (card, value) => {
    card[member] = parse(value, field);
  };
};

const writers: ReadonlyMap<string, ColumnWriter> = new Map([
  ['id', column('id', int64)],
  ['nid', column('noteId', int64)],
  ['did', column('deckId', deckId)],
  ['ord', column('templateIdx', uint32)],
  ['type', column('ctype', uint32)],
  ['queue', column('queue', int32)],
  ['due', column('due', int32)],
  ['ivl', column('interval', uint32)],
  ['factor', column('easeFactor', uint32)],
  ['reps', column('reps', uint32)],
  ['lapses', column('lapses', uint32)],
  ['left', column('remainingSteps', uint32)],
  ['odue', column('originalDue', int32)],
  ['odid', column('originalDeckId', int64)],
  ['flags', column('flags', uint32)],
  ['custom_data', column('customData', (value) => text(value ?? ''))],
  ['original_position', column('originalPosition', optional(uint32))],
  ['memory_state', column('memoryState', optional(memoryState))],
  ['desired_retention', column('desiredRetention', optional(real))],
  ['decay', column('decay', optional(real))],
  ['last_review_time', column('lastReviewTimeSecs', optional(int64))],
]);

/** Sets a card's value of a database column. Unknown columns are ignored. */
export function setColumn(card: Card, name: Json | undefined, value: Json): void {
  if (typeof name !== 'string') {
    throw new AnkiRefused(`attribute name must be string, not '${typeName(name)}'`);
  }
  writers.get(name)?.(card, value);
}

/** Columns that Anki-Connect changes only if `warning_check` is set. */
export const guardedColumns: ReadonlySet<Json> = new Set([
  'did',
  'id',
  'ivl',
  'lapses',
  'left',
  'mod',
  'nid',
  'odid',
  'odue',
  'ord',
  'queue',
  'reps',
  'type',
  'usn',
]);
