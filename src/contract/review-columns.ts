interface ReviewColumn {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

const safeInteger = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const int32 = { min: -0x8000_0000, max: 0x7fff_ffff };
const unlimited = { min: -Infinity, max: Infinity };

/**
 * Columns of the review log in Anki-Connect's order, with the range of integers that Anki can read.
 * One review outside it makes every later database check and export fail.
 */
export const reviewColumns: readonly ReviewColumn[] = [
  { name: 'id', ...safeInteger },
  { name: 'cid', ...safeInteger },
  { name: 'usn', ...unlimited },
  { name: 'ease', min: 0, max: 0xff },
  { name: 'ivl', ...int32 },
  { name: 'lastIvl', ...int32 },
  { name: 'factor', min: 0, max: 0xffff_ffff },
  { name: 'time', ...unlimited },
  { name: 'type', ...unlimited },
];

/** Returns true if Anki can read the value in this column. */
export const isInRange = ({ min, max }: ReviewColumn, value: number): boolean => value >= min && value <= max;
