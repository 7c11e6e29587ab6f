import { AnkiRefused } from '../../../contract/errors.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { typeName } from '../../../anki-connect/python.ts';
import { id, text } from '../session/python.ts';
import type { Card } from './stored-card.ts';

type Write = (card: Card, value: Json) => void;

/** Null is 0. */
const within =
  (bits: number, signed: boolean) =>
  (value: Json): bigint => {
    const given = id(value);
    const fitting = signed ? BigInt.asIntN(bits, given) : BigInt.asUintN(bits, given);
    if (fitting !== given) throw new AnkiRefused(`Value out of range: ${given}`);
    return given;
  };
const int64 = within(64, true);
const int32 = (value: Json) => Number(within(32, true)(value));
const uint32 = (value: Json) => Number(within(32, false)(value));

/** There is no deck 0, and with a card in it the database could never be checked again. */
const deckId = (value: Json): bigint => {
  const given = int64(value);
  if (given === 0n) throw new AnkiRefused('did must be the id of a deck, and neither 0 nor null.');
  return given;
};

const real = (value: Json): number => {
  if (typeof value === 'number') return value;
  throw new AnkiRefused(`must be real number, not ${typeName(value)}`);
};

const memoryState = (value: Json): Card['memoryState'] => {
  if (!isObject(value))
    throw new AnkiRefused('memory_state must be an object with stability and difficulty.');
  const { stability = 0, difficulty = 0 } = value;
  // The card is a decoded message, and takes another one only with its name.
  const $typeName = 'anki.cards.FsrsMemoryState';
  const state = { $typeName, stability: real(stability), difficulty: real(difficulty) };
  return state;
};

/** Null takes the value away. */
const optional =
  <T>(read: (value: Json) => T) =>
  (value: Json): T | undefined =>
    value === null ? undefined : read(value);

const column =
  <Member extends keyof Card>(member: Member, read: (value: Json) => Card[Member]): Write =>
  (card, value) => {
    card[member] = read(value);
  };

const writers: ReadonlyMap<string, Write> = new Map([
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

/** Writes a column of the database into a card. Other names are no error, and do nothing. */
export function setColumn(card: Card, name: Json | undefined, value: Json): void {
  if (typeof name !== 'string') {
    throw new AnkiRefused(`attribute name must be string, not '${typeName(name)}'`);
  }
  writers.get(name)?.(card, value);
}

/** The columns that Anki-Connect leaves alone unless it is told that a warning was read. */
export const guarded: ReadonlySet<Json> = new Set([
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
