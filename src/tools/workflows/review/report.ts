import { echo } from '../../../lib/cut.ts';
import { filesIn } from '../../card-text/text.ts';
import { valuesOf } from '../../reading.ts';
import { contentOf, editsOf, lineOf } from './content.ts';
import type { Item, Review } from './review.ts';

/** Maximum number of edits, and characters of a text, in a report. */
const limits = { edits: 100, text: 300 };

const listOf = (items: readonly Item[]): string => items.map(({ label }) => label).join(', ');

/** Returns what the model should know of a review: what was accepted, edited and rejected, and what was saved. */
export function reportOf({ items, isSaved }: Pick<Review, 'items' | 'isSaved'>): string {
  const of = (decision: Item['decision']) => items.filter((item) => item.decision === decision);
  const [accepted, rejected, open] = [of('accepted'), of('rejected'), of('open')];
  const count = `${accepted.length} accepted, ${rejected.length} rejected, ${open.length} not decided`;
  const lines = isSaved ? accepted.map(savedLine) : [];
  const edits = accepted.flatMap((item) =>
    editsOf(item).map(
      ({ name, before, after }) =>
        `- ${item.label} ${name}: ${JSON.stringify(echo(before, limits.text))} → ${JSON.stringify(echo(after, limits.text))}`,
    ),
  );
  return [
    `${items.length} drafts for the user's approval: ${count}. ${isSaved ? 'The user has saved the accepted ones.' : 'The user has not saved yet: nothing is in Anki.'}`,
    ...(lines.length > 0 ? [`Accepted:\n${lines.join('\n')}`] : []),
    ...(!isSaved && accepted.length > 0 ? [`Accepted: ${listOf(accepted)}`] : []),
    ...(edits.length > 0 ? [`Edited by the user:\n${edits.slice(0, limits.edits).join('\n')}`] : []),
    ...(edits.length > limits.edits ? [`and ${edits.length - limits.edits} more edits`] : []),
    ...(rejected.length > 0 ? [`Rejected, do not save them: ${listOf(rejected)}`] : []),
    ...(isSaved && open.length > 0 ? [`Not decided, not saved: ${listOf(open)}`] : []),
  ].join('\n');
}

const savedLine = ({ label, draft: { outcome = 'failed', id, why } }: Item): string =>
  `- ${label}: ${outcome}${id === undefined ? '' : ` (note ${id})`}${why === undefined ? '' : `: ${echo(why)}`}`;

/** Returns a draft as text: what the panel shows, for clients without panels. Texts are cut at `maxText` characters. */
export function textOf(item: Item, maxText = limits.text): string {
  const { label, draft, note } = item;
  const { fields, tags, deck } = contentOf(item);
  const { outcome = 'failed', why, warnings, existing, existingDeck, type } = draft;
  const cut = (text: string) => echo(text, maxText);
  const lines = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, html]) => {
      const content = [lineOf(html, maxText), ...filesIn(html).map((file) => `[${file}]`)].filter(Boolean);
      return content.length === 0 ? [] : [`  ${name}: ${content.join(' ')}`];
    });
  const old = draft.target ?? existing;
  return [
    `${label}: ${outcome}, ${cut(type?.name ?? note.modelName ?? 'note')}${deck === undefined ? '' : ` in ${cut(deck)}`}${tags && `, tags ${cut(tags)}`}${why === undefined ? '' : `. ${cut(why)}`}`,
    ...lines(fields),
    ...warnings.map((warning) => `  Warning: ${cut(warning)}`),
    ...(old
      ? [
          `  Note ${old.noteId} in Anki${existingDeck === undefined ? '' : ` (${cut(existingDeck)})`}:`,
          ...lines(valuesOf(old)).map((each) => `  ${each}`),
        ]
      : []),
  ].join('\n');
}
