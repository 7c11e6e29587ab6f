import type { Drawing, DrawnShape } from '../../../../contract/panels/occlusion.ts';
import { echo } from '../../../../lib/cut.ts';
import { isSame, type Editor } from './editor.ts';

/** Maximum number of changes, and characters of a text, in a report. */
const limits = { changes: 100, text: 200 };

/** Returns what the model should know: what the user changed, and what was saved. */
export function reportOf(editor: Editor): string {
  const { target, phase, first, drawing } = editor;
  const changes = changesOf(first, drawing);
  const what =
    'existing' in target ? `note ${target.existing.note.noteId}` : `a new note in ${echo(target.deck)}`;
  const list = changes.slice(0, limits.changes).map((change) => `- ${change}`);
  const more = changes.length - list.length;
  return [
    `Masks of "${echo(target.picture?.filename ?? '')}" for ${what}. ${outcomeOf(editor)}`,
    ...(phase === 'cancelled'
      ? []
      : [changes.length > 0 ? 'Changed by the user, in percent:' : 'The user changed no mask.', ...list]),
    ...(phase !== 'cancelled' && more > 0 ? [`and ${more} more changes`] : []),
  ].join('\n');
}

function outcomeOf({ phase, done, why }: Editor): string {
  if (phase === 'open') return 'The user has not saved yet: nothing was changed in Anki.';
  if (phase === 'cancelled')
    return 'The user cancelled: nothing was saved. Save these masks only if the user asks for it.';
  return done
    ? `The user has saved: ${done.outcome} (note ${done.note ?? ''}).`
    : `The user has saved, and the outcome is unknown: ${echo(why ?? '')}. Look for the note before you save it again.`;
}

function changesOf(before: Drawing, after: Drawing): string[] {
  const left = new Map(after.shapes.flatMap((shape) => (shape.id === undefined ? [] : [[shape.id, shape]])));
  const old = before.shapes.flatMap((shape, index) => {
    const now = left.get(shape.id ?? 0);
    if (!now) return [`shape ${index + 1} (${nameOf(shape)}) removed`];
    return differencesOf(shape, now).map(
      (difference) => `shape ${index + 1} (${nameOf(shape)}) ${difference}`,
    );
  });
  const ids = new Set(before.shapes.map(({ id }) => id));
  const added = after.shapes
    .filter(({ id }) => id === undefined || !ids.has(id))
    .map((shape) => `added ${nameOf(shape)} at ${JSON.stringify(shape.at)}`);
  const mode = before.hideOne === after.hideOne ? [] : [`mode: ${after.hideOne ? 'hideOne' : 'hideAll'}`];
  return [...old, ...added, ...mode];
}

const nameOf = ({ shape, group, text }: DrawnShape): string =>
  shape === 'text' ? `text ${JSON.stringify(echo(text ?? '', limits.text))}` : `${shape}, group ${group}`;

function differencesOf(before: DrawnShape, now: DrawnShape): string[] {
  return [
    ...(isSame(before.at, now.at)
      ? []
      : [`moved from ${JSON.stringify(before.at)} to ${JSON.stringify(now.at)}`]),
    ...(before.group === now.group ? [] : [`now in group ${now.group}`]),
    ...(before.text === now.text ? [] : [`now reads ${JSON.stringify(echo(now.text ?? '', limits.text))}`]),
  ];
}
