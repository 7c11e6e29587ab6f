import { own } from '../../lib/json.ts';
import type { Card } from '../workflows/reading.ts';
import { clozeDeletion } from './cloze.ts';
import { delimited } from './delimited.ts';

type CardSides = Pick<Card, 'answer' | 'fields' | 'fieldOrder'>;

/** Where the learner types. Anki's window shows a text box there, and on the back a comparison with the field. */
const typeMarker = /\[\[type:(?:[^\][]*:)?([^\][:]+)\]\]/g;

const rule = { opening: /<hr(?=[^a-z])/g, closing: />/g };
const isAnswerRule = /\bid=["']?answer\b/;

/** Returns the question as the learner sees it. */
export const questionOf = (question: string): string => question.replace(typeMarker, '[type the answer]');

/** Returns what follows the line that most templates draw after the question, or the complete back if there is none. */
export function answerOf({ answer, fields, fieldOrder }: CardSides): string {
  let start = 0;
  for (const { body, end } of delimited(answer, rule)) if (isAnswerRule.test(body)) start = end;
  return answer
    .slice(start)
    .replace(typeMarker, (_, field: string) => typedAnswer(own(fields, field)?.value ?? '', fieldOrder + 1));
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
