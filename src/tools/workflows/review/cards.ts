import type { CardView } from '../../../contract/panels/card.ts';
import type { CardSides } from '../../../contract/panels/review.ts';
import { cardSide, type RenderedCard } from '../../card-html/card.ts';
import type { KnownFiles } from '../../card-html/media.ts';
import { escapeHtml } from '../../../lib/escape-html.ts';
import type { Context } from '../../workflow.ts';
import { lineOf } from './content.ts';

/** Maximum number of cards of a note that are shown. */
const maxCards = 3;

/** Maximum characters of the text of a card. */
const maxText = 1_000;

/** A note that need not exist. */
export interface NoteContent {
  readonly noteType: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Files that are not in the media folder yet. */
  readonly files: KnownFiles;
}

/** Returns the cards that a note has or would have. Only the engine can render them; without it, they show the fields. */
export async function cardsOf(context: Context, note: NoteContent): Promise<CardSides[]> {
  const { noteType, fields, tags, files } = note;
  const rendered =
    context.backend.operate && noteType !== ''
      ? await context.operate('renderNote', { noteType, fields, tags, maxCards })
      : [];
  const plain = fieldsHtml(fields);
  const cards = rendered.length > 0 ? rendered : [{ ordinal: 0, question: plain, answer: plain }];
  const order = Object.entries(fields).map(([name, value], index) => [name, { value, order: index }]);
  return Promise.all(
    cards.map(async ({ ordinal, question, answer }) => {
      const card: RenderedCard = {
        fields: Object.fromEntries(order),
        fieldOrder: ordinal,
        modelName: noteType,
        question,
        answer,
      };
      const side = async (name: 'question' | 'answer'): Promise<CardView> => ({
        id: 0,
        number: ordinal + 1,
        text: lineOf(card[name], maxText),
        ...(await cardSide(context, card, name, files)),
      });
      return { question: await side('question'), answer: await side('answer') };
    }),
  );
}

const fieldsHtml = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .filter(([, html]) => html !== '')
    .map(([name, html]) => `<div style="text-align:start"><b>${escapeHtml(name)}</b><div>${html}</div></div>`)
    .join('<hr>');
