import { messageOf } from '../../../lib/error.ts';
import { readBitmap, toJpeg, whyNotDecoded } from '../../../lib/picture/bitmap.ts';
import type { Content } from '../../workflow.ts';
import { drawQuestion } from './drawing.ts';
import type { Shape } from './field.ts';
import type { Picture } from './picture.ts';

/** Maximum number of cards that are drawn, and their sides in pixels: with many cards, smaller. */
const maxCards = 16;
const fewCards = 4;
const maxSide = { few: 800, many: 400 };

/** Maximum number of shapes that are drawn: notes from elsewhere can have any number. */
const maxShapes = 300;

export interface CardPictures {
  readonly content: readonly Content[];
  /** What is not drawn, and why. */
  readonly remarks: readonly string[];
}

/** Returns the picture of each card as its question shows it. */
export async function cardPictures(
  { bytes, mimeType, header }: Picture,
  shapes: readonly Shape[],
): Promise<CardPictures> {
  const why = whyNotDecoded(mimeType, header);
  if (why !== undefined || !header)
    return { content: [], remarks: [`The cards are not drawn: ${why ?? ''}.`] };
  if (shapes.length > maxShapes)
    return { content: [], remarks: ['The cards are not drawn: too many shapes.'] };
  const groups = groupsOf(shapes);
  const shown = groups.slice(0, maxCards);
  const content: Content[] = [];
  try {
    const side = groups.length > fewCards ? maxSide.many : maxSide.few;
    const picture = await readBitmap(bytes, mimeType, header, side);
    for (const group of shown) {
      const data = (await toJpeg(drawQuestion(picture, shapes, group))).toString('base64');
      content.push({ type: 'text', text: `Question of group ${group}:` });
      content.push({ type: 'image', data, mimeType: 'image/jpeg' });
    }
  } catch (error) {
    return {
      content: [],
      remarks: [`The cards are not drawn, the picture may be broken: ${messageOf(error)}.`],
    };
  }
  return {
    content,
    remarks: [
      ...(groups.length > shown.length
        ? [`Drawn: the first ${shown.length} of ${groups.length} cards.`]
        : []),
      ...(shapes.some(({ kind }) => kind === 'text') ? ['Text labels are not drawn.'] : []),
    ],
  };
}

/** Returns the numbers of the cards. */
export const groupsOf = (shapes: readonly Shape[]): number[] =>
  [...new Set(shapes.map(({ group }) => group))].filter((group) => group > 0).toSorted((a, b) => a - b);
