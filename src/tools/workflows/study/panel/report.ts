import { echo } from '../../../../lib/cut.ts';
import type { Session } from '../session.ts';

/** Maximum number of cards in a report. */
const maxCards = 50;

/** Returns what the model should know of a session: which cards went wrong, and what the user wrote about cards. */
export function reportOf({ answered, comments, questions, choice }: Session): string {
  const wrong = new Set(answered.filter(({ ease }) => ease === 1).map(({ cardId }) => cardId));
  const list = (ids: Iterable<number>, describe: (id: number) => string): string =>
    [...ids]
      .slice(-maxCards)
      .map((id) => `- card ${id}: ${describe(id)}`)
      .join('\n');
  return [
    `The user studies ${choice.deck ?? choice.query ?? ''} in a panel: ${answered.length} cards rated so far.`,
    ...(wrong.size > 0
      ? [`Rated "Again":\n${list(wrong, (id) => echo(questions.get(id) ?? 'question unknown'))}`]
      : []),
    ...(comments.size > 0
      ? [`To edit later, as the user says:\n${list(comments.keys(), (id) => echo(comments.get(id) ?? ''))}`]
      : []),
  ].join('\n');
}
