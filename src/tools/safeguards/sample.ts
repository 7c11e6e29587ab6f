import { toText } from '../card-text/text.ts';
import { shown, type Survey } from './survey.ts';

const samples = 3;
const sampleLength = 40;

/** What stands in the first field of the first few, or in the field of this name. */
export async function sampled({ call }: Survey, notes: readonly number[], field?: string): Promise<string> {
  const read = notes.slice(0, samples).map(async (note) => {
    // One note without cards fails the whole read, and a sample is not worth that.
    const [info] = await call('notesInfo', { notes: [note] }).catch(() => []);
    const first = Object.entries(info?.fields ?? {}).find(([name, { order }]) =>
      field === undefined ? order === 0 : name === field,
    );
    return shown(toText(first?.[1].value ?? ''), sampleLength);
  });
  const texts = (await Promise.all(read)).filter(Boolean).map((text) => `"${text}"`);
  return texts.length > 0 ? ` (${texts.join(', ')}${notes.length > samples ? ', …' : ''})` : '';
}
