import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import type { OcclusionType } from '../../../contract/engine/occlusion.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { id } from '../../../contract/schemas.ts';
import { tagList } from '../../../contract/tags.ts';
import { countWithin } from '../../size.ts';
import { differingFields, sameTags } from '../../stored-form.ts';
import { workflow, type Context } from '../../workflow.ts';
import { findDeck } from '../deck-name.ts';
import { requireSamePlan } from '../same-plan.ts';
import { markupOf } from '../save-notes/save-draft.ts';
import { cardPictures, groupsOf } from './card-pictures.ts';
import { inMode, modeOf, shapeKinds, writeShapes, type Shape } from './field.ts';
import { cardsOf, fieldOf, notesOfPicture, readOcclusion, type OcclusionNote } from './note.ts';
import { pathsOf, readPicture, sizeOf, storedPicture, type Picture } from './picture.ts';
import { toInput, toShapes, unitOf } from './shapes.ts';

const shape = z.strictObject({
  id: z.int().optional(),
  shape: z.enum(shapeKinds).optional(),
  at: z.array(z.number()).optional(),
  group: z.int().optional(),
  text: z.string().optional(),
});

const input = z.strictObject({
  note: id.optional(),
  deck: z.string().optional(),
  picture: z.string().optional(),
  px: z.boolean().optional(),
  // The description has the members, because a schema of them would take twice the size.
  shapes: z
    .array(z.unknown().meta({ type: 'object' }).pipe(shape))
    .optional()
    .describe('{shape: rect|ellipse|polygon|text, at: percent [left, top, width, height], group, text, id}'),
  hideOne: z.boolean().optional(),
  header: z.string().optional(),
  backExtra: z.string().optional(),
  tags: tagList.optional(),
  dryRun: z.boolean().optional(),
});
type Input = z.output<typeof input>;

const output = z.looseObject({
  outcome: z.string(),
  note: z.int().optional(),
  picture: z.looseObject({ filename: z.string() }).optional(),
  shapes: z.array(z.looseObject({ id: z.int(), shape: z.string(), at: z.array(z.number()) })),
  cards: z.array(z.looseObject({ group: z.int() })),
});

export const occludeImage = workflow({
  title: 'Image occlusion',
  description: 'Hides parts of a picture, one card each, and shows the cards. note alone: reads it.',
  annotations: { ...overwrites, idempotentHint: false, openWorldHint: true },
  needsEngine: true,
  input,
  output,
  paths: ({ picture }) => pathsOf(picture),
  async run(context, args) {
    return args.note === undefined
      ? add(context, args)
      : change(context, args, await readOcclusion(context, args.note));
  },
});

async function add(context: Context, args: Input) {
  if (args.deck === undefined || args.picture === undefined || !args.shapes)
    throw new AnkiRefused(
      'Nothing was changed: a new note needs deck, shapes and picture: a path, a URL, a data: URL with base64, or the name of a file in the media folder. Pass note to change one.',
    );
  const { deck } = await findDeck(context, args.deck);
  const picture = await readPicture(context, args.picture);
  const frame = { unit: unitOf(args), size: sizeOf(picture), existing: [], groups: [] };
  const shapes = inMode(toShapes(args.shapes, frame), args.hideOne ? 'hideOne' : 'hideAll');
  if (args.dryRun) return report(context, args, { outcome: 'dry run: nothing was saved', picture, shapes });
  const saved = await context.asOneStep(async (inner) => {
    const type = await occlusionType(inner);
    const filename = await store(inner, picture);
    const field = writeShapes(shapes);
    const others = await notesOfPicture(inner, type, filename);
    const same = others.find((note) => fieldOf(note, type.fields.shapes) === field);
    const samePicture = others.map(({ noteId }) => noteId);
    if (same) return { note: same.noteId, outcome: 'already there: nothing was added', samePicture };
    const { image, header, backExtra } = type.fields;
    const note = await inner.call('addNote', {
      note: {
        deckName: deck.name,
        modelName: type.name,
        fields: {
          [type.fields.shapes]: field,
          [image]: markupOf(filename, true),
          [header]: args.header ?? '',
          [backExtra]: args.backExtra ?? '',
        },
        tags: args.tags ?? [],
        // Anki compares only the shapes, which two pictures can share.
        options: { allowDuplicate: true },
      },
    });
    if (typeof note !== 'number') throw new AnkiRefused('Anki did not add the note and gave no reason.');
    return { note, filename, outcome: 'created', samePicture };
  });
  const { filename = picture.filename, ...rest } = saved;
  return report(context, args, { ...rest, picture: { ...picture, filename }, shapes });
}

async function change(context: Context, args: Input, existing: OcclusionNote) {
  const { note, type } = existing;
  if (args.deck !== undefined)
    throw new AnkiRefused('Nothing was changed: changeCards moves the cards of a note to another deck.');
  const picture =
    args.picture !== undefined
      ? await readPicture(context, args.picture)
      : await presentPicture(context, existing);
  const cards = await cardsOf(context, note.noteId);
  const shapes = changedShapes(args, existing, picture, cards.keys());
  const fieldsWith = (filename: string | undefined): Record<string, string> => ({
    ...(shapes !== existing.shapes && { [type.fields.shapes]: writeShapes(shapes) }),
    ...(filename !== undefined && { [type.fields.image]: markupOf(filename, true) }),
    ...(args.header !== undefined && { [type.fields.header]: args.header }),
    ...(args.backExtra !== undefined && { [type.fields.backExtra]: args.backExtra }),
  });
  const newName = args.picture !== undefined ? picture?.filename : undefined;
  const fields = fieldsWith(newName);
  const tags = args.tags && !sameTags(args.tags, note.tags) ? args.tags : undefined;
  const isChanged = differingFields(note, fields).length > 0 || picture?.isNew || tags !== undefined;
  const done = { note: note.noteId, picture, shapes };
  if (args.dryRun) return report(context, args, { ...done, outcome: 'dry run: nothing was saved' });
  if (!isChanged) return report(context, args, { ...done, outcome: 'unchanged' });
  await context.check('updateNote', { note: { id: note.noteId, fields, ...(tags && { tags }) } });
  const stored = await context.asOneStep(async (inner) => {
    requireSamePlan(existing, await readOcclusion(inner, note.noteId));
    const filename = picture && newName !== undefined ? await store(inner, picture) : undefined;
    const content = { fields: fieldsWith(filename), ...(tags && { tags }) };
    await inner.call('updateNote', { note: { id: note.noteId, ...content } });
    return picture && { ...picture, filename: filename ?? picture.filename };
  });
  return report(context, args, { ...done, picture: stored, outcome: 'updated' });
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
  if (!args.shapes && args.hideOne === undefined) return existing.shapes;
  if (existing.hasMore)
    throw new AnkiRefused(
      `Nothing was changed: the field "${existing.type.fields.shapes}" has content that is no known shape and would be lost. Change this note in Anki.`,
    );
  const frame = { unit: unitOf(args), size: picture && sizeOf(picture), existing: existing.shapes, groups };
  const shapes = args.shapes ? toShapes(args.shapes, frame) : existing.shapes;
  const { hideOne = modeOf(existing.shapes) === 'hideOne' } = args;
  return inMode(shapes, hideOne ? 'hideOne' : 'hideAll');
}

/** Returns the note type for new notes. Adds it if it was deleted. */
async function occlusionType(context: Context): Promise<OcclusionType> {
  const [type] = await context.operate('occlusionTypes', {});
  if (type) return type;
  await context.operate('addOcclusionType', {});
  const [added] = await context.operate('occlusionTypes', {});
  if (!added) throw new AnkiRefused('Anki did not add its note type for image occlusion.');
  return added;
}

/** Stores a new picture and returns its name. A file of this name with other content stays. */
const store = async ({ call }: Context, { filename, bytes, isNew }: Picture): Promise<string> =>
  isNew
    ? String(
        await call('storeMediaFile', { filename, data: bytes.toString('base64'), deleteExisting: false }),
      )
    : filename;

interface Done {
  readonly outcome: string;
  readonly note?: number;
  readonly picture: Picture | undefined;
  readonly shapes: readonly Shape[];
  readonly samePicture?: readonly number[];
}

async function report(context: Context, args: Input, { picture, shapes, ...done }: Done) {
  const size = picture && sizeOf(picture);
  const cards = done.note === undefined ? new Map<number, number>() : await cardsOf(context, done.note);
  const groups = groupsOf(shapes);
  const empty = [...cards].filter(([group]) => !groups.includes(group)).map(([, card]) => card);
  const { content = [], remarks = [] } = picture ? await cardPictures(picture, shapes) : {};
  const { samePicture = [], ...rest } = done;
  const others = samePicture.filter((each) => each !== done.note);
  const inputs = shapes.map((each, index) => toInput(each, index, { unit: unitOf(args), size }));
  const listed = inputs.slice(0, countWithin(inputs, context.budget / 2));
  const byGroup = groups.map((group) => ({
    group,
    ...(cards.has(group) && { card: cards.get(group) ?? 0 }),
  }));
  const notes = [
    ...remarks,
    ...(listed.length < inputs.length
      ? [
          `Listed: the first ${listed.length} of ${inputs.length} shapes. To keep the others, pass their ids: {id: ${listed.length + 1}}.`,
        ]
      : []),
    ...(empty.length > 0
      ? [
          `${empty.length === 1 ? '1 card has' : `${empty.length} cards have`} no shape any more. ${deleteEmpty}`,
        ]
      : []),
    ...(picture ? [] : ['The media folder has no picture of this note: pass picture.']),
  ];
  return {
    result: {
      ...rest,
      ...(picture && { picture: { filename: picture.filename, ...size } }),
      mode: modeOf(shapes),
      shapes: listed,
      cards: byGroup.slice(0, countWithin(byGroup, context.budget / 4)),
      ...(empty.length > 0 && { emptyCards: empty.slice(0, maxIds) }),
      ...(others.length > 0 && { samePicture: others.slice(0, maxIds) }),
    },
    content,
    ...(notes.length > 0 && { note: notes.join(' ') }),
  };
}

/** Maximum number of ids in a list of the result. */
const maxIds = 20;

const deleteEmpty = 'Tools > Empty Cards in Anki deletes them, with their review history.';
