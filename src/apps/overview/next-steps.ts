import type { DeckCounts, OverviewView } from '../../contract/panels/overview.ts';
import { counted } from './days.ts';
import { treeOf } from './deck-nodes.ts';

/** What the user can do next: a button, and the message to the chat that it sends. */
export interface Step {
  readonly label: string;
  readonly message: string;
}

const maxName = 200;

/** A name in quotation marks, so that it cannot be read as a part of the message. */
const quoted = (name: string): string => JSON.stringify(name.slice(0, maxName));

export const studyMessage = (deck: string): string => `Let me study the deck ${quoted(deck)}.`;

/** Returns what is most useful now, most useful first. */
export function nextSteps({ deck, decks, leeches, forgotten }: OverviewView): Step[] {
  const roots = treeOf(decks);
  if (deck === undefined && roots.every(({ counts }) => counts?.cards === 0))
    return [
      {
        label: 'Make the first cards',
        message: 'Help me make my first Anki cards. Ask me what I want to learn.',
      },
    ];
  const next = mostLeft(roots.flatMap(({ counts }) => counts ?? []));
  const others = forgotten.cards - leeches.cards;
  return [
    ...(next ? [{ label: `Study ${next.name} (${leftOf(next)})`, message: studyMessage(next.name) }] : []),
    ...(leeches.cards > 0
      ? [
          {
            label: `Repair ${counted(leeches.cards, 'leech', 'leeches')}`,
            message: `Help me repair ${counted(leeches.cards, 'leech', 'leeches')}: show me these cards and suggest better ones. Anki search: ${leeches.search.slice(0, maxName)}`,
          },
        ]
      : []),
    ...(others > 0
      ? [
          {
            label: `Improve ${counted(forgotten.cards, 'card')} you often forget`,
            message: `Which of the ${counted(forgotten.cards, 'card')} that I often forget should be rewritten, and how? Anki search: ${forgotten.search.slice(0, maxName)}`,
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
