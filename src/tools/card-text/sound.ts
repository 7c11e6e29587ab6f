import { own } from '../../lib/json.ts';
import type { Card, NoteType } from '../reading.ts';
import { delimited } from './delimited.ts';

/** Anki numbers the sounds of each side instead of naming them, as in [anki:play:q:0]. */
const playMarker = /\[anki:play:([qa]):(\d+)\]/g;

export const hasSounds = ({ question, answer }: Pick<Card, 'question' | 'answer'>): boolean =>
  /\[anki:play:/.test(question + answer);

/** Stands for text-to-speech, which has no file. */
export const speech = 'speech';

const soundTag = { opening: /\[sound:/g, closing: /\]/g };

/** Returns the names of the sounds in a field. */
export const soundsIn = (text: string): string[] =>
  [...delimited(text, soundTag)].flatMap(({ body }) => (body === '' ? [] : [body]));

/** Maximum characters of a file name that replaces a number. */
const maxNameLength = 255;

/** Returns the names of all sounds in the fields of a card's note. */
export const soundsOf = ({ fields }: Card): string[] => [
  ...new Set(Object.values(fields).flatMap(({ value }) => soundsIn(value))),
];

const fieldEnd = /\}\}/g;
const templateSound = {
  opening: /\{\{(?=[^{}#^/!][^{}]*\}\})|\[sound:/g,
  closing: (opening: string) => (opening === '{{' ? fieldEnd : soundTag.closing),
};

/** Returns the sounds of a side in the order in which its template plays them. */
const soundsOfTemplate = (template: string, { fields }: Pick<Card, 'fields'>): string[] =>
  [...delimited(template, templateSound)].flatMap(({ opening: [start], body: tag }) => {
    if (start === '[sound:') return tag === '' ? [] : [tag];
    const parts = tag.split(':').map((part) => part.trim());
    return parts.length > 1 && parts[0]?.startsWith('tts')
      ? [speech]
      : soundsIn(own(fields, parts.at(-1) ?? '')?.value ?? '');
  });

/** Replaces the numbers of the sounds on both sides by their names, where the template makes the names certain. */
export function nameSounds<
  C extends Pick<Card, 'fields' | 'fieldOrder' | 'modelName' | 'question' | 'answer'>,
>(card: C, types: readonly NoteType[]): C {
  const type = types.find(({ name }) => name === card.modelName);
  const template = type?.tmpls[type.type === 1 ? 0 : card.fieldOrder];
  if (!template) return card;
  const names = {
    q: ifCertain(soundsOfTemplate(String(template['qfmt']), card), card.question, 'q'),
    a: ifCertain(soundsOfTemplate(String(template['afmt']), card), card.answer, 'a'),
  };
  const named = (html: string) =>
    html.replace(playMarker, (match, side: string, number: string) => {
      const name = names[side === 'q' ? 'q' : 'a'][Number(number)];
      return name === undefined ? match : `[sound:${name.slice(0, maxNameLength)}]`;
    });
  return { ...card, question: named(card.question), answer: named(card.answer) };
}

/** Returns the names if there is one for each marker. Conditions, cloze blanks and filters may remove sounds. */
function ifCertain(names: readonly string[], html: string, side: 'q' | 'a'): readonly string[] {
  const markers = new Set(
    [...html.matchAll(playMarker)].flatMap(([, of, number]) => (of === side ? [number] : [])),
  );
  return markers.size === names.length ? names : [];
}
