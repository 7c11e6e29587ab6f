import { AnkiRefused } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { findDeck } from '../deck-name.ts';
import { inMode, modeOf, type Shape } from './field.ts';
import type { Input } from './input.ts';
import { cardsOf, readOcclusion, type OcclusionNote } from './note.ts';
import { readPicture, sizeOf, storedPicture, type Picture } from './picture.ts';
import type { Done } from './report.ts';
import type { Target } from './save.ts';
import { requireSameUnit, toShapes, unitOf } from './shapes.ts';

/** What a call asks for, checked. */
export interface Plan {
  readonly target: Target;
  readonly shapes: readonly Shape[];
  readonly hideOne: boolean;
  /** The groups that have cards. */
  readonly groups: readonly number[];
}

export async function planOf(context: Context, args: Input): Promise<Plan> {
  if (args.shapes) requireSameUnit(args.shapes, unitOf(args));
  return args.note === undefined
    ? planNew(context, args)
    : planChange(context, args, await readOcclusion(context, args.note));
}

/** Returns what carrying out a plan would do. */
export const asPlanned = ({ target, shapes }: Plan, outcome: string): Done => ({
  outcome,
  ...('existing' in target && { note: target.existing.note.noteId }),
  picture: target.picture,
  shapes,
});

async function planNew(context: Context, args: Input): Promise<Plan> {
  const { header, backExtra, tags, hideOne = false } = args;
  // In a review, the user can draw all shapes.
  const inputs = args.shapes ?? (args.review ? [] : undefined);
  if (args.deck === undefined || args.picture === undefined || !inputs)
    throw new AnkiRefused(
      'Nothing was changed: a new note needs deck, shapes and picture: a path, a URL, a data: URL with base64, or the name of a file in the media folder. Pass note to change one.',
    );
  const { deck } = await findDeck(context, args.deck);
  const picture = await readPicture(context, args.picture);
  const frame = { unit: unitOf(args), size: sizeOf(picture), existing: [], groups: [] };
  const shapes = inMode(toShapes(inputs, frame), hideOne ? 'hideOne' : 'hideAll');
  return { target: { deck: deck.name, picture, header, backExtra, tags }, shapes, hideOne, groups: [] };
}

async function planChange(context: Context, args: Input, existing: OcclusionNote): Promise<Plan> {
  if (args.deck !== undefined)
    throw new AnkiRefused('Nothing was changed: changeCards moves the cards of a note to another deck.');
  const replacesPicture = args.picture !== undefined;
  const picture =
    args.picture !== undefined
      ? await readPicture(context, args.picture)
      : await presentPicture(context, existing);
  const groups = [...(await cardsOf(context, existing.note.noteId)).keys()];
  const { header, backExtra, tags, hideOne = modeOf(existing.shapes) === 'hideOne' } = args;
  return {
    target: { existing, picture, replacesPicture, header, backExtra, tags },
    shapes: changedShapes({ ...args, hideOne }, existing, picture, groups),
    hideOne,
    groups,
  };
}

/** Returns the picture of a note, or undefined if there is no such file. */
async function presentPicture(context: Context, { filename }: OcclusionNote): Promise<Picture | undefined> {
  if (filename === undefined) return undefined;
  try {
    // The name comes from a note: it must not be read as a path or URL.
    return await storedPicture(context, filename);
  } catch (error) {
    if (error instanceof AnkiRefused) return undefined;
    throw error;
  }
}

/** Returns the shapes that the note gets: the same list if they do not change. */
function changedShapes(
  args: Input,
  existing: OcclusionNote,
  picture: Picture | undefined,
  groups: Iterable<number>,
): readonly Shape[] {
  const mode = args.hideOne ? 'hideOne' : 'hideAll';
  const isSameMode = mode === modeOf(existing.shapes);
  if (!args.shapes && isSameMode && !args.review) return existing.shapes;
  requireOnlyShapes(existing);
  const frame = { unit: unitOf(args), size: picture && sizeOf(picture), existing: existing.shapes, groups };
  const shapes = args.shapes ? toShapes(args.shapes, frame) : existing.shapes;
  return args.shapes || !isSameMode ? inMode(shapes, mode) : shapes;
}

export function requireOnlyShapes({ hasMore, type }: OcclusionNote): void {
  if (hasMore)
    throw new AnkiRefused(
      `Nothing was changed: the field "${type.fields.shapes}" has content that is no known shape and would be lost. Change this note in Anki.`,
    );
}
