import { toText } from '../card-text/text.ts';
import { shorten, type Scan } from './scan.ts';

const maxSamples = 3;
const sampleLength = 40;

/** Returns the first notes' first field, or the named field, as samples in parentheses. */
export async function withSamples({ call }: Scan, notes: readonly number[], field?: string): Promise<string> {
  const samplesRead = notes.slice(0, maxSamples).map(async (note) => {
    // One note without cards would fail the whole read.
    const [info] = await call('notesInfo', { notes: [note] }).catch(() => []);
    const first = Object.entries(info?.fields ?? {}).find(([name, { order }]) =>
      field === undefined ? order === 0 : name === field,
    );
    return shorten(toText(first?.[1].value ?? ''), sampleLength);
  });
  const texts = (await Promise.all(samplesRead)).filter(Boolean).map((text) => `"${text}"`);
  return texts.length > 0 ? ` (${texts.join(', ')}${notes.length > maxSamples ? ', …' : ''})` : '';
}
