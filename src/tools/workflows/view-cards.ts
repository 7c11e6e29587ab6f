import { z } from 'zod';
import { reads } from '../../contract/action.ts';
import { AnkiRefused } from '../../contract/errors.ts';
import { optionalOrEmpty } from '../../contract/schemas.ts';
import { inOneLine } from '../../lib/one-line.ts';
import { limit as limitSchema, offset as offsetSchema } from '../action-call.ts';
import { answerOf, questionOf } from '../card-text/card-side.ts';
import { excerpt } from '../card-text/excerpt.ts';
import { readPictures, type Picture } from '../card-text/picture.ts';
import { hasSounds, nameSounds, soundsOf } from '../card-text/sound.ts';
import { imagesIn, toText } from '../card-text/text.ts';
import { contentWorkflow, type Content, type Context } from '../workflow.ts';
import { readCards, type Card, type NoteType } from './reading.ts';
import { explainSearchErrors } from './search.ts';

const defaultLimit = 5;
const maxCards = 50;

/** A card with its sides as HTML and the names of their pictures. */
interface CardView {
  readonly card: Card;
  readonly question: string;
  readonly answer: string;
  readonly images: readonly string[];
}

export const viewCards = contentWorkflow({
  title: 'View cards',
  description:
    'Shows cards as the learner sees them, answers included (to quiz the user, use study): both sides as text, pictures as images, sounds by name. By card ids or by a search, newest first.',
  annotations: reads,
  input: z.strictObject({
    cards: z.array(z.int()).optional(),
    query: optionalOrEmpty(z.string(), 'cards'),
    limit: limitSchema.optional().describe(`Default ${defaultLimit} of a search`),
    offset: offsetSchema.optional(),
  }),
  async run(context, { cards, query, limit, offset = 0 }) {
    if ((cards === undefined) === (query === undefined))
      throw new AnkiRefused('Pass either cards (card ids) or query (a search for cards).');
    const all = cards ? [...new Set(cards)] : await search(context, query ?? '');
    const count = Math.min(limit ?? (cards ? maxCards : defaultLimit), maxCards);
    const page = all.slice(offset, offset + count);
    const read = await readCards(context, page);
    const views = fitting(read.cards.map(toView), context.budget);
    const images = [...new Set(views.flatMap((view) => view.images))];
    const [types, pictures] = await Promise.all([
      typesWithSounds(
        context,
        views.map(({ card }) => card),
      ),
      readPictures(context, images),
    ]);
    const firstCut = read.cards[views.length];
    const next = offset + (firstCut ? page.indexOf(firstCut.cardId) : page.length);
    const remarks = [
      ...read.unread.map(({ id, reason }) => `Card ${id} cannot be shown: ${reason}.`),
      ...(next < all.length
        ? [`Shown so far: ${next} of ${all.length} cards. Next page: offset ${next}.`]
        : []),
      ...(all.length === 0 ? ['No card was found.'] : []),
      ...(all.length > 0 && page.length === 0 ? [`There are only ${all.length} cards.`] : []),
    ];
    const shownImages = new Set<string>();
    const content = views.flatMap((view) => toContent(view, { types, pictures, shownImages }));
    return {
      content: remarks.length > 0 ? [...content, { type: 'text', text: remarks.join('\n') }] : content,
    };
  },
});

const search = async ({ call }: Context, query: string): Promise<number[]> =>
  (await explainSearchErrors(() => call('findCards', { query }))).toSorted((a, b) => b - a);

const toView = (card: Card): CardView => {
  const question = questionOf(card.question);
  const answer = answerOf(card);
  return { card, question, answer, images: imagesIn(question + answer) };
};

/** Maximum characters of one side of a card. */
const maxCharacters = 6_000;
/** Characters reserved for the heading and remarks of a card. */
const reservedCharacters = 300;

/** Returns as many cards as fit the budget, but at least one. */
function fitting(views: readonly CardView[], budget: number): readonly CardView[] {
  let left = budget;
  const size = (html: string) => Math.min(toText(html).length, maxCharacters);
  const end = views.findIndex(
    ({ question, answer }) => (left -= reservedCharacters + size(question) + size(answer)) < 0,
  );
  return end < 0 ? views : views.slice(0, Math.max(1, end));
}

async function typesWithSounds({ call }: Context, cards: readonly Card[]): Promise<readonly NoteType[]> {
  const modelNames = [...new Set(cards.filter(hasSounds).map(({ modelName }) => modelName))];
  return modelNames.length > 0 ? call('findModelsByName', { modelNames }) : [];
}

interface LoadedMedia {
  readonly types: readonly NoteType[];
  readonly pictures: ReadonlyMap<string, Picture>;
  /** Pictures that were shown with earlier cards. */
  readonly shownImages: Set<string>;
}

function toContent(
  { card, question, answer, images }: CardView,
  { types, pictures, shownImages }: LoadedMedia,
): Content[] {
  const side = (html: string) => excerpt(toText(nameSounds(html, card, types)), maxCharacters) || '(empty)';
  const sides = [side(question), side(answer)];
  const imageContent: Content[] = [];
  const remarks: string[] = [];
  for (const name of images) {
    const picture = pictures.get(name);
    if (shownImages.has(name)) remarks.push(`${name}: shown above.`);
    else if (picture && 'content' in picture) imageContent.push(picture.content);
    else if (picture) remarks.push(`${name} is not shown: ${picture.reason}.`);
    shownImages.add(name);
  }
  if (/image-occlusion|data-shape=/.test(card.question) && images.length > 0)
    remarks.push('The picture is shown without the masks that hide parts of it from the learner.');
  if (sides.some((text) => text.includes('[sound]')))
    remarks.push(`Sounds of the note: ${soundsOf(card).join(', ') || 'none, so it is text-to-speech'}.`);
  const heading = `Card ${card.cardId}, note ${card.note}, deck ${card.deckName}, type ${card.modelName}`;
  const parts = [
    inOneLine(heading),
    `Question:\n${sides[0]}`,
    `Answer:\n${sides[1]}`,
    ...remarks.map(inOneLine),
  ];
  return [{ type: 'text', text: parts.join('\n\n') }, ...imageContent];
}
