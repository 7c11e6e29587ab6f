import { toText } from '../card-text/text.ts';
import { readNotes } from '../reading.ts';
import { shorten } from '../../lib/wording.ts';
import { type Scan } from './scan.ts';

const maxSamples = 3;
const sampleLength = 40;

/** Returns the first notes' first field, or the named field, as samples in parentheses. */
export async function withSamples(scan: Scan, notes: readonly number[], field?: string): Promise<string> {
  const samples = await readNotes(scan, notes.slice(0, maxSamples));
  const texts = samples.notes
    .map(({ fields }) => {
      const first = Object.entries(fields).find(([name, { order }]) =>
        field === undefined ? order === 0 : name === field,
      );
      return shorten(toText(first?.[1].value ?? ''), sampleLength);
    })
    .filter(Boolean)
    .map((text) => `"${text}"`);
  return texts.length > 0 ? ` (${texts.join(', ')}${notes.length > maxSamples ? ', …' : ''})` : '';
}
