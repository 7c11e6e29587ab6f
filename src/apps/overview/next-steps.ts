import type { DeckCounts, OverviewView } from '../../contract/panels/overview.ts';
import { counted } from '../shared/counted.ts';
import { treeOf } from './deck-nodes.ts';

/** What the user can do next: a button, and the message to the chat that it sends. */
export interface Step {
  readonly label: string;
  /** A name that ends the label, and what follows it. */
  readonly deck?: string;
  readonly remark?: string;
  readonly message: string;
}

/** Maximum characters of a name or a search in a message, and of a name on a button. */
const maxInMessage = 200;
const maxOnButton = 60;

/** Returns the start of a text, without half a character at its end. */
const startOf = (text: string, length: number): string => [...text].slice(0, length).join('');

/** A name in quotation marks, so that it cannot be read as a part of the message. */
const quoted = (name: string): string => JSON.stringify(startOf(name, maxInMessage));

export const studyMessage = (deck: string): string => `Let me study the deck ${quoted(deck)}.`;

/** Returns what is most useful now, most useful first. */
export function nextSteps({ deck, decks, leeches, forgotten }: OverviewView): Step[] {
  const roots = treeOf(decks);
  if (deck === undefined && roots.every(({ counts }) => counts.cards === 0))
    return [
      {
        label: 'Make the first cards',
        message: 'Help me make my first Anki cards. Ask me what I want to learn.',
      },
    ];
  const next = mostLeft(roots.map(({ counts }) => counts));
  const others = forgotten.cards - leeches.cards;
  return [
    ...(next
      ? [
          {
            label: 'Study ',
            deck: startOf(next.name, maxOnButton),
            remark: ` (${leftOf(next)})`,
            message: studyMessage(next.name),
          },
        ]
      : []),
    ...(leeches.cards > 0
      ? [
          {
            label: `Repair ${counted(leeches.cards, 'leech', 'leeches')}`,
            message: `Help me repair ${counted(leeches.cards, 'leech', 'leeches')}: show me these cards and suggest better ones. Anki search: ${startOf(leeches.search, maxInMessage)}`,
          },
        ]
      : []),
    ...(others > 0
      ? [
          {
            label: `Improve ${counted(forgotten.cards, 'card')} you often forget`,
            message: `Which of the ${counted(forgotten.cards, 'card')} that I often forget should be rewritten, and how? Anki search: ${startOf(forgotten.search, maxInMessage)}`,
          },
        ]
      : []),
  ];
}

/** Returns the deck with the most reviews, or else with the most new cards. */
const mostLeft = (decks: readonly DeckCounts[]): DeckCounts | undefined =>
  decks
    .filter((deck) => deck.due + deck.learning + deck.new > 0)
    .toSorted((a, b) => b.due + b.learning - a.due - a.learning || b.new - a.new)[0];

const leftOf = ({ due, learning, new: unseen }: DeckCounts): string =>
  due + learning > 0
    ? `${(due + learning).toLocaleString('en-US')} due`
    : `${unseen.toLocaleString('en-US')} new`;
