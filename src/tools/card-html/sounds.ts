import type { Sound } from '../../contract/panels/card.ts';
import { own } from '../../lib/json.ts';
import { delimited } from '../card-text/delimited.ts';
import { speech } from '../card-text/sound.ts';
import { toText } from '../card-text/text.ts';
import type { Card, NoteType } from '../reading.ts';
import type { EmbeddedFile } from './media.ts';

const soundMarker = { opening: /\[sound:|\[anki:play:/g, closing: /\]/g };

/** Returns the names of the sounds in a text, in their order. A sound whose file is not certain has no name. */
export const soundNames = (text: string): string[] =>
  Array.from(delimited(text, soundMarker), ({ opening: [start], body }) =>
    start === '[sound:' ? body.trimStart() : '',
  );

/** Writes a text with a mark in place of each sound. */
export function withSoundMarks(text: string, write: (text: string) => string): string {
  let written = '';
  let cursor = 0;
  for (const { start, end } of delimited(text, soundMarker)) {
    written += `${write(text.slice(cursor, start))}<span class="sound-mark" aria-hidden="true">♪</span>`;
    cursor = end;
  }
  return written + write(text.slice(cursor));
}

type SpokenCard = Pick<Card, 'fields' | 'fieldOrder' | 'modelName'>;

/** A tag of a template that speaks a field without filters, as {{tts en_US:Front}}. */
const spokenTag = /\{\{\s*tts\s+([a-z]{2,3}[_-][a-z]{2,4})[^:{}]*:([^{}]+)\}\}/gi;

/** Returns what a side of a card speaks, in the order of its template. */
export function spokenTexts(
  { fields, fieldOrder, modelName }: SpokenCard,
  types: readonly NoteType[],
  side: 'qfmt' | 'afmt',
): Sound[] {
  const type = types.find(({ name }) => name === modelName);
  const template = String(type?.tmpls[type.type === 1 ? 0 : fieldOrder]?.[side] ?? '');
  return Array.from(template.matchAll(spokenTag), ([, language = '', name = '']) => {
    const field = own(fields, name.trim());
    // A filter such as cloze may hide a part of the field.
    if (!field) return { kind: 'missing', reason: 'this text cannot be read aloud here' };
    return { kind: 'speech', text: toText(field.value), language: language.replace('_', '-') };
  });
}

/** Returns what to play for these names. */
export function soundsOf(
  names: readonly string[],
  files: ReadonlyMap<string, EmbeddedFile>,
  spoken: readonly Sound[],
): Sound[] {
  const texts = [...spoken];
  return names.map((name): Sound => {
    if (name === speech) return texts.shift() ?? { kind: 'missing', reason: 'its text is not certain' };
    const file = files.get(name);
    if (file && 'url' in file) return { kind: 'file', source: file.url };
    return { kind: 'missing', reason: file?.reason ?? 'its file is not certain' };
  });
}
