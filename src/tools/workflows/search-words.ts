/** Names of card properties in other words, by Anki's name in prop: searches. */
export const properties: ReadonlyMap<string, string> = new Map([
  ['lapses', 'lapses'],
  ['lapse', 'lapses'],
  ['ease', 'ease'],
  ['factor', 'ease'],
  ['interval', 'ivl'],
  ['ivl', 'ivl'],
  ['due', 'due'],
  ['reps', 'reps'],
  ['reviews', 'reps'],
  ['repetitions', 'reps'],
  ['stability', 's'],
  ['difficulty', 'd'],
  ['retrievability', 'r'],
  ['position', 'pos'],
]);

/** Search keys in other words, by Anki's key. */
export const keyNames: ReadonlyMap<string, string> = new Map([
  ['model', 'note'],
  ['modelname', 'note'],
  ['notetype', 'note'],
  ['note-type', 'note'],
  ['note_type', 'note'],
  ['type', 'note'],
  ['tags', 'tag'],
  ['label', 'tag'],
  ['decks', 'deck'],
  ['deckname', 'deck'],
  ['template', 'card'],
  ['flags', 'flag'],
  ['state', 'is'],
  ['status', 'is'],
  ['regex', 're'],
  ['regexp', 're'],
  ['noteid', 'nid'],
  ['cardid', 'cid'],
  ['deckid', 'did'],
  ['property', 'prop'],
]);

/** States of cards that Anki finds with other searches. */
export const states: ReadonlyMap<string, string> = new Map([
  ['learning', 'is:learn'],
  ['relearning', 'is:learn is:review'],
  ['leech', 'tag:leech'],
  ['marked', 'tag:marked'],
  ['flagged', '-flag:0'],
  ['mature', 'prop:ivl>=21'],
  ['young', 'is:review prop:ivl<21'],
  ['active', '-is:suspended'],
  ['unsuspended', '-is:suspended'],
  ['today', 'prop:due=0'],
  ['tagged', '-tag:none'],
  ['untagged', 'tag:none'],
]);

export const flagNumbers: ReadonlyMap<string, number> = new Map(
  ['red', 'orange', 'green', 'blue', 'pink', 'turquoise', 'purple'].map((colour, index) => [
    colour,
    index + 1,
  ]),
);

const dueTerms: ReadonlyMap<string, string> = new Map([
  ['today', 'prop:due=0'],
  ['now', 'is:due'],
  ['tomorrow', 'prop:due=1'],
  ['yesterday', 'prop:due=-1'],
  ['overdue', 'prop:due<0'],
]);

const dateKeys: ReadonlyMap<string, string> = new Map([
  ['created', 'added'],
  ['modified', 'edited'],
  ['reviewed', 'rated'],
  ['studied', 'rated'],
]);

/** Writes a date in words, such as due:today or added:7d, as Anki does. */
export function dateTerm([term = '']: readonly string[]): string {
  const minus = term.startsWith('-') ? '-' : '';
  const [key = '', word = ''] = term.slice(minus.length).toLowerCase().split(/[:=]+/);
  const due = key === 'due' || key === 'is' ? dueTerms.get(word) : undefined;
  if (due !== undefined) return `${minus}${due}`;
  return `${minus}${dateKeys.get(key) ?? key}:${word === 'today' ? 1 : Number.parseInt(word, 10)}`;
}
