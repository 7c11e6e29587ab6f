import { countWithin } from '../../size.ts';
import type { Context } from '../../workflow.ts';
import { cardPictures, groupsOf } from './card-pictures.ts';
import { modeOf, type Shape } from './field.ts';
import { cardsOf } from './note.ts';
import { sizeOf, type Picture } from './picture.ts';
import { toInput, type Unit } from './shapes.ts';

/** What a call did. */
export interface Done {
  readonly outcome: string;
  readonly note?: number;
  readonly picture: Picture | undefined;
  readonly shapes: readonly Shape[];
  readonly samePicture?: readonly number[];
}

interface Options {
  readonly unit: Unit;
  /** Whether the cards are drawn. */
  readonly isDrawn?: boolean;
}

/** Returns what the model reads of a note. */
export async function report(context: Context, { picture, shapes, ...done }: Done, options: Options) {
  const { unit, isDrawn = true } = options;
  const size = picture && sizeOf(picture);
  const cards = done.note === undefined ? new Map<number, number>() : await cardsOf(context, done.note);
  const groups = groupsOf(shapes);
  const empty = [...cards].filter(([group]) => !groups.includes(group)).map(([, card]) => card);
  const { content = [], remarks = [] } = picture && isDrawn ? await cardPictures(picture, shapes) : {};
  const { samePicture = [], ...rest } = done;
  const others = samePicture.filter((each) => each !== done.note);
  const inputs = shapes.map((each, index) => toInput(each, index, { unit, size }));
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
      ...(shapes.length > 0 && { mode: modeOf(shapes) }),
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
