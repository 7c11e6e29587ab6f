import type { Difference } from '../../../contract/engine/difference.ts';
import { echo } from '../../../lib/cut.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { countOf } from '../../../lib/wording.ts';
import { sizeOf } from '../../size.ts';

/** Maximum number of samples of each kind, and the smaller numbers to try if the result is too large. */
export const maxSamples = 20;
const fewerSamples = [maxSamples, 8, 3, 1, 0];

/** Maximum characters of a text in a sample. */
const maxTextChars = 120;

/** Returns a difference as JSON of at most `maxBytes`, with fewer samples if necessary. */
export function fitted(difference: Difference, maxBytes: number): Readonly<Record<string, Json>> {
  const options = fewerSamples.map((samples) =>
    Object.fromEntries(Object.entries(difference).map(([kind, value]) => [kind, shortened(value, samples)])),
  );
  return options.find((each) => sizeOf(each) <= maxBytes) ?? options.at(-1) ?? {};
}

/** Cuts the texts and lists of a JSON value. */
function shortened(value: Json, samples: number): Json {
  if (typeof value === 'string') return echo(value, maxTextChars);
  if (Array.isArray(value)) {
    const isCut = value.length > Math.max(2, samples); // two may be an old and a new value
    const shown = (isCut ? value.slice(0, samples) : value).map((item: Json) => shortened(item, samples));
    // Of what is listed as objects, the counts are next to the samples.
    return isCut && !isObject(value[0]) ? [...shown, `and ${value.length - samples} more`] : shown;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, shortened(member ?? null, samples)]),
  );
}

/** Returns the counts of a difference as a sentence without a final mark. */
export function summaryOf({ notes, cards, reviews, decks, noteTypes, presets, tags }: Difference): string {
  const rows = (noun: string, kind: Difference['notes'] | Difference['cards'] | Difference['reviews']) =>
    Object.entries(kind ?? {}).flatMap(([what, count]) =>
      typeof count === 'number' ? [`${countOf(count, noun)} ${what}`] : [],
    );
  const names = (noun: string, kind: Difference['decks']) =>
    Object.entries(kind ?? {}).map(([what, list]) => `${countOf(list.length, noun)} ${what}`);
  const all = [
    ...rows('note', notes),
    ...rows('card', cards),
    ...rows('review log row', reviews),
    ...names('deck', decks),
    ...names('note type', noteTypes),
    ...names('preset', presets),
    ...names('tag', tags),
  ];
  return all.length === 0 ? 'no difference' : all.join(', ');
}
