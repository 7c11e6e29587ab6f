import { collectionNames } from '../completion.ts';
import { lines, type Prompt } from './prompt.ts';

export const explainMyWeek: Prompt = {
  name: 'explainMyWeek',
  title: 'Explain my week',
  description: 'Explains the last seven days and what is due next, and suggests one improvement.',
  arguments: {
    deck: { description: 'Deck to look at; default: all', names: collectionNames.decks },
    language: { description: 'Output language; default: mine' },
  },
  requiredTools: [],
  text: ({ deck, language }) =>
    lines(
      `Explain my last seven days in Anki${deck === undefined ? '' : `, in the deck "${deck}"`}: what I did, how well I remembered, and what is due next.`,
      language !== undefined && `Write in ${language}.`,
      '',
      'Take facts from the tools only',
      '- getNumCardsReviewedByDay: answers per day of the whole collection (answers, not cards); compare with earlier weeks.',
      `- findCards${deck === undefined ? '' : ', always limited to the deck'}: rated:7 (answered), rated:7:1 (answered Again), introduced:7 (new), added:7, prop:due<0 (overdue), prop:due<=7 (due next).`,
      '- insights: retention, forecast, leeches and weak cards.',
      '',
      'Then write',
      '1. The week in three sentences, with the numbers that matter and what they mean. Do not blame me for days without Anki.',
      '2. What went well and what did not: the three hardest cards or topics, named by their content.',
      '3. The next seven days: how much is due, and on which day.',
      '4. One small suggestion, such as fewer new cards or cards to repair. Change nothing yourself.',
      'If a number is not available, say so. If a number is too small to prove anything, say so too.',
    ),
};
