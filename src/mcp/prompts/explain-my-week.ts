import { names } from './completion.ts';
import { lines, type Prompt } from './prompt.ts';

export const explainMyWeek: Prompt = {
  name: 'explainMyWeek',
  title: 'Explain my week',
  description: 'Tells how the last seven days went, what is coming, and one thing to do about it.',
  arguments: {
    deck: { description: 'Deck to look at; else all', names: names.decks },
    language: { description: 'Language to write in; else mine' },
  },
  needs: [],
  text: ({ deck, language }) =>
    lines(
      `Explain my last seven days in Anki${deck === undefined ? '' : `, in the deck "${deck}"`}: what I did, how well I remembered, and what is coming.`,
      language !== undefined && `Write in ${language}.`,
      '',
      'Facts, from the tools only',
      '- getNumCardsReviewedByDay: answers per day of the whole collection (answers, not cards); compare with the weeks before.',
      `- findCards${deck === undefined ? '' : ', always within the deck'}: rated:7 (answered), rated:7:1 (answered Again), introduced:7 (new), added:7, prop:due<0 (overdue), prop:due<=7 (to come).`,
      '- insights: retention, forecast, leeches and weak cards.',
      '',
      'Then write',
      '1. The week in three sentences, with the numbers that matter and what they mean. A day without Anki is a fact, not a fault.',
      '2. What went well, and what did not stick: the three hardest cards or topics, by what stands on them.',
      '3. The next seven days: how much, and on which day.',
      '4. One suggestion that is small enough to be done, such as fewer new cards or cards to repair. Change nothing yourself.',
      'Where a number cannot be had, say so. Small numbers prove little: say that too.',
    ),
};
