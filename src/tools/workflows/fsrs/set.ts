import type { FsrsEffect } from '../../../contract/engine/fsrs.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { everything, ofPreset } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { requireSamePlan } from '../same-plan.ts';
import { approveChange } from './approve.ts';
import { deckAndPreset, requireRetention } from './deck.ts';

export interface Settings {
  readonly on?: boolean | undefined;
  readonly retention?: number | undefined;
  readonly onlyDeck: boolean;
  readonly reschedule: boolean;
  readonly apply: boolean;
}

/** Turns FSRS on or off, or sets the desired retention of a preset or deck; without `apply`, says what that would do. */
export async function set(context: Context, deckName: string, settings: Settings) {
  const { apply, on, retention, onlyDeck, reschedule } = settings;
  requireRetention(retention);
  if (on === undefined && retention === undefined)
    throw new AnkiRefused('Nothing was changed: set needs on (true or false) or retention (0.7 to 0.99).');
  const agreed = await deckAndPreset(context, deckName);
  const { deck, term, preset, state } = agreed;
  if (reschedule && !(on ?? state.on))
    throw new AnkiRefused('Nothing was changed: reschedule needs FSRS. Add on: true.');
  const old = onlyDeck ? state.deckRetention : preset.desiredRetention;
  const changed = {
    ...(on !== undefined && on !== state.on && { on: [state.on, on] }),
    ...(retention !== undefined && retention !== old && { retention: [old, retention] }),
  };
  const result = { deck: deck.name, preset: preset.name, decks: onlyDeck ? 1 : preset.decks, changed };
  if (Object.keys(changed).length === 0)
    return { result: { ...result, outcome: 'There is nothing to change.' } };
  const change = { deckId: deck.id, on, retention, onlyDeck, reschedule, parameters: [] };
  const ownRetention =
    retention !== undefined && !onlyDeck && state.deckRetention !== null
      ? ` "${deck.name}" keeps its own retention of ${state.deckRetention}: onlyDeck: true changes that.`
      : '';
  const expected = await context.operate('tryFsrsChange', change);
  if (!apply) {
    const outcome = `Nothing was changed. apply: true does it. ${sentenceOf(expected, reschedule)}${ownRetention}`;
    return { result: { ...result, effect: expected, outcome } };
  }
  const searches = 'on' in changed ? [everything] : [onlyDeck ? term : ofPreset(preset.name)];
  await approveChange(context, searches, questionOf(settings, expected));
  const effect = await context.asOneStep(async (writing) => {
    requireSamePlan(agreed, await deckAndPreset(writing, deckName));
    return writing.operate('changeFsrs', change);
  });
  return {
    result: {
      ...result,
      effect,
      outcome: `Done, as one undo step. ${sentenceOf(effect, reschedule)}${ownRetention}`,
    },
  };
}

function questionOf({ on, retention }: Settings, { moved }: FsrsEffect): string {
  const parts = [
    on === undefined ? '' : `turn FSRS ${on ? 'on' : 'off'}`,
    retention === undefined ? '' : `set the desired retention to ${retention}`,
    moved === 0 ? '' : `move ${moved} due dates`,
  ];
  const text = parts.filter(Boolean).join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const sentenceOf = ({ moved, reviewLogRows }: FsrsEffect, reschedule: boolean): string =>
  reschedule
    ? `${moved} due dates move, and the review log gets ${reviewLogRows} rows.`
    : 'Due dates stay: each card gets its new interval at its next review. reschedule: true moves them now.';
