import type { Output } from '../../contract/index.ts';
import { own } from '../../lib/json.ts';
import type { Card } from '../workflows/reading.ts';

type NoteType = Output<'findModelsByName'>[number];

/** Anki numbers the sounds of each side instead of naming them, as [anki:play:q:0]. */
const mark = /\[anki:play:([qa]):(\d+)\]/g;

export const hasSounds = ({ question, answer }: Card): boolean => /\[anki:play:/.test(question + answer);

const soundsIn = (text: string): string[] =>
  [...text.matchAll(/\[sound:([^\]]+)\]/g)].map(([, name = '']) => name);

/** The names of all sounds that stand in the fields of a card's note. */
export const soundsOf = ({ fields }: Card): string[] => [
  ...new Set(Object.values(fields).flatMap(({ value }) => soundsIn(value))),
];

/** The sounds of a side in the order in which its template brings them. */
const played = (template: string, { fields }: Card): string[] =>
  [...template.matchAll(/\{\{([^{}#^/!][^{}]*)\}\}|\[sound:[^\]]+\]/g)].flatMap(([whole, tag]) => {
    if (tag === undefined) return soundsIn(whole);
    const parts = tag.split(':').map((part) => part.trim());
    return parts.length > 1 && parts[0]?.startsWith('tts')
      ? ['speech']
      : soundsIn(own(fields, parts.at(-1) ?? '')?.value ?? '');
  });

/** Names the sounds of a side of a card, where its template leaves no doubt which they are. */
export function nameSounds(html: string, card: Card, types: readonly NoteType[]): string {
  const type = types.find(({ name }) => name === card.modelName);
  const template = type?.tmpls[type.type === 1 ? 0 : card.ord];
  if (!template) return html;
  const names = {
    q: certain(played(String(template['qfmt']), card), card.question, 'q'),
    a: certain(played(String(template['afmt']), card), card.answer, 'a'),
  };
  return html.replace(mark, (whole, side: string, number: string) => {
    const name = names[side === 'q' ? 'q' : 'a'][Number(number)];
    return name === undefined ? whole : `[sound:${name}]`;
  });
}

/** Conditions, cloze blanks and filters may swallow sounds: then there are more names than marks, and none counts. */
function certain(names: readonly string[], html: string, side: 'q' | 'a'): readonly string[] {
  const marks = new Set([...html.matchAll(mark)].flatMap(([, of, number]) => (of === side ? [number] : [])));
  return marks.size === names.length ? names : [];
}
