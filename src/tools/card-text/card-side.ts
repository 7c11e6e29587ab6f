import { own } from '../../lib/json.ts';
import type { Card } from '../reading.ts';
import { clozeDeletion } from './cloze.ts';
import { delimited } from './delimited.ts';
import { styleElementsOf } from './style.ts';

export type CardSides = Pick<Card, 'question' | 'answer' | 'fields' | 'fieldOrder'>;

/** Where the learner types. Anki's window shows a text box there, and on the back a comparison with the field. */
const typeMarker = /\[\[type:(?:[^\][]*:)?([^\][:]+)\]\]/g;

const rule = { opening: /<hr(?=[^a-z])/gi, closing: />/g };
const isAnswerRule = /\bid=["']?answer\b/;

/** Returns a side without the places where the learner types. */
export const withoutTyping = (html: string): string => html.replace(typeMarker, '');

/** Returns what the learner has to type on this card, or undefined if nothing is typed. */
export function answerToType({ question, answer, fields, fieldOrder }: CardSides): AnswerToType | undefined {
  const [marker = '', field = ''] = new RegExp(typeMarker, '').exec(question + answer) ?? [];
  if (marker === '') return undefined;
  return {
    html: typedAnswer(own(fields, field)?.value ?? '', fieldOrder + 1),
    ignoresAccents: marker.startsWith('[[type:nc:'),
  };
}

export interface AnswerToType {
  readonly html: string;
  /** Whether letters with and without combining marks count as the same. */
  readonly ignoresAccents: boolean;
}

/** Returns the question with a name for the text box. */
export const questionOf = ({ question }: CardSides): string =>
  question.replace(typeMarker, '[type the answer]');

/** Returns the back with the text to type. A back of more than `maxCharacters` loses what precedes the answer. */
export function backOf({ answer, fields, fieldOrder }: CardSides, maxCharacters: number): string {
  const back = answer.length > maxCharacters ? withoutFront(answer) : answer;
  return back.replace(typeMarker, (_, field: string) =>
    typedAnswer(own(fields, field)?.value ?? '', fieldOrder + 1),
  );
}

/** Removes all but styles before the line that most templates draw after the question. */
function withoutFront(back: string): string {
  for (const { body, start } of delimited(back, rule))
    if (isAnswerRule.test(body)) return styleElementsOf(back.slice(0, start)) + back.slice(start);
  return back;
}

/** Returns what the learner has to type: the deletions of this cloze number, or the complete field if it has none. */
function typedAnswer(value: string, clozeNumber: number): string {
  const deletions = [...delimited(value, clozeDeletion)];
  if (deletions.length === 0) return value;
  const ofCard = deletions.filter(({ opening: [, numbers = ''] }) =>
    numbers.split(',').some((number) => Number(number) === clozeNumber),
  );
  return ofCard.map(({ body }) => body.split('::', 1)[0] ?? '').join(', ');
}
