import { AnkiRefused } from '../../../../contract/errors.ts';
import type { Context } from '../../../workflow.ts';
import type { Input } from '../input.ts';
import { asPlanned, planOf } from '../plan.ts';
import { report } from '../report.ts';
import { unitOf } from '../shapes.ts';
import { editors, keep } from './editor.ts';
import { reportOf } from './edit-report.ts';
import { panelPicture } from './panel-picture.ts';

/** Lets the user edit and save the masks in a panel. Without a note and a picture, says what the user did. */
export async function reviewMasks(context: Context, args: Input) {
  if (args.note === undefined && args.picture === undefined) return reviewedBefore(context, args);
  const plan = await planOf(context, args);
  const { picture } = plan.target;
  if (!picture)
    throw new AnkiRefused('Nothing was changed: the media folder has no picture of this note. Pass picture.');
  const planned = asPlanned(plan, 'nothing is saved yet');
  const unit = unitOf(args);
  if (!context.hasPanels) {
    const { result, ...more } = await report(context, planned, { unit });
    return { result: { ...result, review: inWords }, ...more };
  }
  const editor = keep(context, plan, await panelPicture(picture));
  // The panel gets this result, too. It shows the picture.
  const { result, ...more } = await report(context, planned, { unit, isDrawn: false });
  return { result: { ...result, review: inPanel }, ...more, panel: { editor: editor.id } };
}

/** Returns what the user did in the last editor of this session, with the cards if they were saved. */
async function reviewedBefore(context: Context, args: Input) {
  const editor = editors.lastOf(context.session);
  if (!editor)
    throw new AnkiRefused(
      'This session has no review of masks. Pass picture and deck for a new note, or note for an existing one.',
    );
  const { done, phase } = editor;
  const review = reportOf(editor);
  if (!done) return { result: { outcome: phase, shapes: [], cards: [], review } };
  const { result, ...more } = await report(context, done, { unit: unitOf(args) });
  return { result: { ...result, review }, ...more };
}

const inPanel =
  'Nothing is saved yet. The user edits and saves these masks in the panel: wait for the user. Then occludeImage with review: true alone says what was changed and saved. Only if the user sees no panel: show the cards of a dryRun, and save what the user confirms, by a call without review.';

const inWords =
  'Nothing is saved yet. Show these cards to the user and ask. Then save what the user confirms, by the same call without review.';
