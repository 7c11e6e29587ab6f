import { z } from 'zod';
import { reads } from '../../contract/action.ts';
import type { Output } from '../../contract/index.ts';
import { AnkiRefused } from '../../contract/errors.ts';
import { inOneLine } from '../../lib/one-line.ts';
import { workflow, type Content, type Context } from '../workflow.ts';
import { answerOf, questionOf } from '../card-text/card-side.ts';
import { excerpt } from '../card-text/excerpt.ts';
import { readPictures, type Picture } from '../card-text/picture.ts';
import { readCards, type Card } from './reading.ts';
import { searching } from './search.ts';
import { hasSounds, nameSounds, soundsOf } from '../card-text/sound.ts';
import { imagesIn, toText } from '../card-text/text.ts';

const usualLimit = 5;
const mostCards = 50;

interface Shown {
  readonly card: Card;
  readonly question: string;
  readonly answer: string;
  readonly images: readonly string[];
}

export const viewCards = workflow({
  title: 'View cards',
  description:
    'Shows cards as the learner sees them, answers included (to quiz the user, take study): both sides as text, pictures as images, sounds by name. By card ids or by a search, newest first.',
  annotations: reads,
  input: z.strictObject({
    cards: z.array(z.int()).optional(),
    query: z.string().optional(),
    limit: z.int().positive().optional().describe(`Default ${usualLimit} of a search`),
    offset: z.int().nonnegative().optional(),
  }),
  async run(context, { cards, query, limit, offset = 0 }) {
    if ((cards === undefined) === (query === undefined))
      throw new AnkiRefused('Which cards? Give either cards (ids) or query (a search for cards).');
    const all = cards ? [...new Set(cards)] : await found(context, query ?? '');
    const most = Math.min(limit ?? (cards ? mostCards : usualLimit), mostCards);
    const page = all.slice(offset, offset + most);
    const read = await readCards(context, page);
    const drafts = fitting(read.cards.map(draft), context.budget);
    const images = [...new Set(drafts.flatMap((each) => each.images))];
    const [types, pictures] = await Promise.all([
      soundTypes(
        context,
        drafts.map(({ card }) => card),
      ),
      readPictures(context, images),
    ]);
    const cut = read.cards[drafts.length];
    const next = offset + (cut ? page.indexOf(cut.cardId) : page.length);
    const end = [
      ...read.unread.map(({ id, reason }) => `Card ${id} cannot be shown: ${reason}.`),
      ...(next < all.length ? [`${next} of ${all.length} cards so far; the next: offset ${next}.`] : []),
      ...(all.length === 0 ? ['No card was found.'] : []),
      ...(all.length > 0 && page.length === 0 ? [`There are only ${all.length} cards.`] : []),
    ];
    const told = new Set<string>();
    const content = drafts.flatMap((each) => show(each, { types, pictures, told }));
    return { content: end.length > 0 ? [...content, { type: 'text', text: end.join('\n') }] : content };
  },
});

const found = async ({ call }: Context, query: string): Promise<number[]> =>
  (await searching(() => call('findCards', { query }))).toSorted((a, b) => b - a);

const draft = (card: Card): Shown => {
  const question = questionOf(card.question);
  const answer = answerOf(card);
  return { card, question, answer, images: imagesIn(question + answer) };
};

const lettersOfSide = 6_000;
const lettersAround = 300;

/** As many cards as there is room for, but always one. */
function fitting(cards: readonly Shown[], budget: number): readonly Shown[] {
  let left = budget;
  const size = (html: string) => Math.min(toText(html).length, lettersOfSide);
  const end = cards.findIndex(
    ({ question, answer }) => (left -= lettersAround + size(question) + size(answer)) < 0,
  );
  return end < 0 ? cards : cards.slice(0, Math.max(1, end));
}

async function soundTypes({ call }: Context, cards: readonly Card[]): Promise<Output<'findModelsByName'>> {
  const modelNames = [...new Set(cards.filter(hasSounds).map(({ modelName }) => modelName))];
  return modelNames.length > 0 ? call('findModelsByName', { modelNames }) : [];
}

interface Around {
  readonly types: Output<'findModelsByName'>;
  readonly pictures: ReadonlyMap<string, Picture>;
  /** The pictures that came with earlier cards. */
  readonly told: Set<string>;
}

function show({ card, question, answer, images }: Shown, { types, pictures, told }: Around): Content[] {
  const side = (html: string) => excerpt(toText(nameSounds(html, card, types)), lettersOfSide) || '(empty)';
  const sides = [side(question), side(answer)];
  const follow: Content[] = [];
  const remarks: string[] = [];
  for (const name of images) {
    const picture = pictures.get(name);
    if (told.has(name)) remarks.push(`${name}: shown above.`);
    else if (picture && 'content' in picture) follow.push(picture.content);
    else if (picture) remarks.push(`${name} is not shown: ${picture.instead}.`);
    told.add(name);
  }
  if (/image-occlusion|data-shape=/.test(card.question) && images.length > 0)
    remarks.push('The picture is shown whole, without the masks that hide its parts from the learner.');
  if (sides.some((text) => text.includes('[sound]')))
    remarks.push(`Sounds on the note: ${soundsOf(card).join(', ') || 'none, so it is speech'}.`);
  const head = `Card ${card.cardId}, note ${card.note}, deck ${card.deckName}, type ${card.modelName}`;
  const parts = [
    inOneLine(head),
    `Question:\n${sides[0]}`,
    `Answer:\n${sides[1]}`,
    ...remarks.map(inOneLine),
  ];
  return [{ type: 'text', text: parts.join('\n\n') }, ...follow];
}
