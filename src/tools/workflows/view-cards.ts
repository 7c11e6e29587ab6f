import { z } from 'zod';
import { reads } from '../../contract/action.ts';
import { AnkiRefused } from '../../contract/errors.ts';
import { optionalOrEmpty } from '../../contract/schemas.ts';
import { cutToBytes, echo, jsonBytes } from '../../lib/cut.ts';
import { inOneLine } from '../../lib/one-line.ts';
import { limit as limitSchema, offset as offsetSchema } from '../action-call.ts';
import { seenAnswer, seenQuestion } from '../card-text/card-page.ts';
import { readMedia, type MediaFile } from '../card-text/media-content.ts';
import { byName, type MediaLabel } from '../card-text/media-name.ts';
import { hasSounds, nameSounds, soundsOf } from '../card-text/sound.ts';
import { contentWorkflow, type Content, type Context } from '../workflow.ts';
import { stateOf } from '../card-text/card-state.ts';
import { dueDates, type Due } from './due-dates.ts';
import { joined } from '../joined.ts';
import { readCards, type Card, type NoteType } from '../reading.ts';
import { searchFor } from './search.ts';

const defaultLimit = 5;
const maxCards = 50;

/** A card with its sides as text and the names of their pictures. */
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
    const reading = joined(context);
    const { found, hint } = cards
      ? { found: cards, hint: undefined }
      : await searchFor(context, 'findCards', query ?? '');
    const all = cards ? [...new Set(cards)] : found.toSorted((a, b) => b - a);
    const count = Math.min(limit ?? (cards ? maxCards : defaultLimit), maxCards);
    const page = all.slice(offset, offset + count);
    const read = await readCards(context, page);
    const viewsWith = async (list: readonly Card[], types: readonly NoteType[]) =>
      fitting(await Promise.all(list.map((card) => toView(card, types))), context.budget);
    // The names of sounds are read together with the pictures, and make the texts longer.
    const candidates = await viewsWith(read.cards, []);
    const cardsToShow = candidates.map(({ card }) => card);
    const images = [...new Set(candidates.flatMap((view) => view.images))];
    const [types, pictures, dueDate] = await Promise.all([
      typesWithSounds(reading, cardsToShow),
      readMedia(reading, 'image', images),
      dueDates(reading, cardsToShow),
    ]);
    const views = await viewsWith(cardsToShow, types);
    const firstCut = read.cards[views.length];
    const next = offset + (firstCut ? page.indexOf(firstCut.cardId) : page.length);
    const remarks = [
      ...(next < all.length
        ? [`Shown so far: ${next} of ${all.length} cards. Next page: offset ${next}.`]
        : []),
      ...(all.length === 0 ? ['No card was found.', ...(hint === undefined ? [] : [hint])] : []),
      ...(all.length > 0 && page.length === 0 ? [`There are only ${all.length} cards.`] : []),
      ...read.unread.map(({ id, reason }) => `Card ${id} cannot be shown: ${echo(reason)}.`),
    ];
    const shownImages = new Set<string>();
    const content = views.flatMap((view) =>
      toContent(view, { pictures, shownImages, dueDate, budget: context.budget }),
    );
    return {
      content:
        remarks.length > 0
          ? [...content, { type: 'text', text: cutToBytes(remarks.join('\n'), maxBytes.end) }]
          : content,
    };
  },
});

async function toView(card: Card, types: readonly NoteType[]): Promise<CardView> {
  const sides = nameSounds(card, types);
  const images = new Set<string>();
  const label: MediaLabel = (kind, name) => {
    if (kind === 'image') images.add(name);
    return byName(kind, name);
  };
  const question = await seenQuestion(sides, label);
  const answer = await seenAnswer(sides, label);
  return { card, question: question || '(empty)', answer: answer || '(empty)', images: [...images] };
}

/** Maximum bytes of one side of a card. */
const maxSideBytes = 6_000;
/** Maximum bytes of the heading of a card, of its remarks, and of the remarks at the end. */
const maxBytes = { heading: 300, remarks: 2_000, end: 600 };
/** Maximum characters of a name in the heading. */
const maxName = 80;
/** Bytes around the texts of a card. */
const frameBytes = 150;
/** Maximum bytes of the remarks of a card without pictures: the names of its sounds. */
const sentenceBytes = 400;
/** Maximum number of pictures of a card of which a remark says why they are not shown. */
const maxPictureRemarks = 8;

/** Returns as many cards as fit the budget, but at least one. Their sides are cut. */
function fitting(views: readonly CardView[], budget: number): readonly CardView[] {
  const available = budget - maxBytes.end;
  const reserved = (images: number) =>
    maxBytes.heading + frameBytes + (images > 0 ? Math.min(maxBytes.remarks, budget / 5) : sentenceBytes);
  const sideBytes = Math.max(50, Math.min(maxSideBytes, Math.floor((available - reserved(1)) / 2)));
  const cut = views.map((view) => ({
    ...view,
    question: cutToBytes(view.question, sideBytes),
    answer: cutToBytes(view.answer, sideBytes),
  }));
  let left = available;
  const end = cut.findIndex(
    ({ question, answer, images }) =>
      (left -= reserved(images.length) + jsonBytes(question) + jsonBytes(answer)) < 0,
  );
  return end < 0 ? cut : cut.slice(0, Math.max(1, end));
}

async function typesWithSounds({ call }: Context, cards: readonly Card[]): Promise<readonly NoteType[]> {
  const modelNames = [...new Set(cards.filter(hasSounds).map(({ modelName }) => modelName))];
  return modelNames.length > 0 ? call('findModelsByName', { modelNames }) : [];
}

interface Loaded {
  readonly pictures: ReadonlyMap<string, MediaFile>;
  /** Pictures that were shown with earlier cards. */
  readonly shownImages: Set<string>;
  readonly dueDate: (card: Card) => Due;
}

function toContent(
  { card, question, answer, images }: CardView,
  { pictures, shownImages, dueDate, budget }: Loaded & Pick<Context, 'budget'>,
): Content[] {
  const imageContent: Content[] = [];
  const pictureRemarks: string[] = [];
  for (const name of images) {
    const picture = pictures.get(name);
    if (shownImages.has(name)) pictureRemarks.push(`${echo(name)}: shown above.`);
    else if (picture && 'content' in picture) imageContent.push(picture.content);
    else if (picture)
      pictureRemarks.push(`${echo(name)} is not shown: ${echo(picture.details ?? picture.reason)}.`);
    shownImages.add(name);
  }
  const remarks = pictureRemarks.slice(0, maxPictureRemarks);
  const omitted = pictureRemarks.length - remarks.length;
  if (omitted > 0) remarks.push(`${omitted} more pictures are not shown.`);
  if (/image-occlusion|data-shape=/.test(card.question) && images.length > 0)
    remarks.push('The picture is shown without the masks that hide parts of it from the learner.');
  if ([question, answer].some((text) => text.includes('[sound]')))
    remarks.push(`Sounds of the note: ${soundsOf(card).join(', ') || 'none, so it is text-to-speech'}.`);
  const { words } = dueDate(card);
  const state = stateOf(card);
  const schedule = state === undefined || words.startsWith(state) ? words : `${state}, due ${words}`;
  const heading = `Card ${card.cardId}, note ${card.note}, ${schedule}, deck ${echo(card.deckName, maxName)}, type ${echo(card.modelName, maxName)}`;
  const aboutBytes = images.length > 0 ? Math.min(maxBytes.remarks, budget / 5) : sentenceBytes;
  const about = cutToBytes(remarks.map(inOneLine).join('\n\n'), aboutBytes);
  const parts = [
    cutToBytes(inOneLine(heading), maxBytes.heading),
    `Question:\n${question}`,
    `Answer (below the question):\n${answer}`,
    ...(about === '' ? [] : [about]),
  ];
  return [{ type: 'text', text: parts.join('\n\n') }, ...imageContent];
}
