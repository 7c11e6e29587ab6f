import { own } from '../../lib/json.ts';
import type { Card } from '../workflows/reading.ts';

type Sides = Pick<Card, 'answer' | 'fields' | 'fieldOrder'>;

/** Where the learner types: Anki's window puts a box there, and on the back a comparison with the field. */
const typing = /\[\[type:(?:[^\][]*:)?([^\][:]+)\]\]/g;

/** The question as the learner sees it. */
export const questionOf = (question: string): string => question.replace(typing, '[type the answer]');

/** What stands below the line that most templates draw between question and answer; all of it where there is none. */
export function answerOf({ answer, fields, fieldOrder }: Sides): string {
  const below = answer.split(/<hr[^>]*\bid=["']?answer\b[^>]*>/).at(-1) ?? answer;
  return below.replace(typing, (_, field: string) =>
    typedAnswer(own(fields, field)?.value ?? '', fieldOrder + 1),
  );
}

/** A typed cloze wants the deletions of its card, any other field the whole of it. */
function typedAnswer(value: string, cloze: number): string {
  const deletions = [...value.matchAll(/\{\{c(\d+)::(.*?)(?:::.*?)?\}\}/gs)];
  if (deletions.length === 0) return value;
  const its = deletions.filter(([, number]) => Number(number) === cloze);
  return its.map(([, , text = '']) => text).join(', ');
}
