import { z } from 'zod';
import {
  bytes,
  int64,
  ints64,
  int,
  text,
  flag,
  empty,
  values,
  opChanges,
  changed,
  noteMessage,
} from './messages.ts';

const cid = z.object({ cid: int64 });
const cids = z.object({ cids: ints64 });
const cardMessage = z.object({
  id: int64,
  noteId: int64,
  deckId: int64,
  templateIdx: int,
  mtimeSecs: int64,
  ctype: int,
  queue: int,
  due: int,
  interval: int,
  easeFactor: int,
  reps: int,
  lapses: int,
  remainingSteps: int,
  originalDue: int,
  originalDeckId: int64,
  flags: int,
  originalPosition: int.optional(),
  memoryState: z.object({ stability: z.number(), difficulty: z.number() }).optional(),
  desiredRetention: z.number().optional(),
  decay: z.number().optional(),
  lastReviewTimeSecs: int64.optional(),
  customData: text,
});
/** A scheduling state. We only pass it back to the engine. */
const state = z.object({});
const states = z.object({
  current: state.optional(),
  again: state.optional(),
  hard: state.optional(),
  good: state.optional(),
  easy: state.optional(),
});
const sortOrder = z.object({
  value: z.discriminatedUnion('case', [
    z.object({ case: z.literal('none'), value: empty }),
    z.object({ case: z.literal('builtin'), value: z.object({ column: text, reverse: flag }) }),
  ]),
});
const search = [z.object({ search: text, order: sortOrder }), z.object({ ids: ints64 })] as const;
const nodes = z.array(
  z.object({
    value: z.discriminatedUnion('case', [
      z.object({ case: z.literal('text'), value: text }),
      z.object({
        case: z.literal('replacement'),
        value: z.object({ fieldName: text, currentText: text, filters: z.array(text) }),
      }),
    ]),
  }),
);

/** Methods for cards, scheduling, rendering and searches. */
export const cardMethods = {
  get_card: [cid, cardMessage],
  update_cards: [z.object({ cards: z.array(cardMessage), skipUndoEntry: flag }), opChanges],
  set_deck: [z.object({ cardIds: ints64, deckId: int64 }), changed],
  get_queued_cards: [
    z.object({ fetchLimit: int, intradayLearningOnly: flag }),
    z.object({
      cards: z.array(z.object({ card: cardMessage.optional(), states: states.optional() })),
      newCount: int,
      learningCount: int,
      reviewCount: int,
    }),
  ],
  answer_card: [
    z.object({
      cardId: int64,
      currentState: state.optional(),
      newState: state.optional(),
      rating: int,
      answeredAtMillis: int64,
      millisecondsTaken: int,
    }),
    opChanges,
  ],
  grade_now: [z.object({ cardIds: ints64, rating: int }), opChanges],
  get_scheduling_states: [cid, states],
  describe_next_states: [states, values],
  bury_or_suspend_cards: [z.object({ cardIds: ints64, noteIds: ints64, mode: int }), changed],
  restore_buried_and_suspended_cards: [cids, opChanges],
  schedule_cards_as_new: [
    z.object({ cardIds: ints64, log: flag, restorePosition: flag, resetCounts: flag }),
    opChanges,
  ],
  set_due_date: [z.object({ cardIds: ints64, days: text }), opChanges],
  get_empty_cards: [
    empty,
    z.object({ notes: z.array(z.object({ noteId: int64, cardIds: ints64, willDeleteNote: flag })) }),
  ],
  sched_timing_today: [empty, z.object({ daysElapsed: int, nextDayAt: int64 })],
  extract_av_tags: [z.object({ text, questionSide: flag }), z.object({ text })],
  extract_latex: [
    z.object({ text, svg: flag, expandClozes: flag }),
    z.object({ text, latex: z.array(z.object({ filename: text })) }),
  ],
  render_existing_card: [
    z.object({ cardId: int64, browser: flag, partialRender: flag }),
    z.object({ questionNodes: nodes, answerNodes: nodes, css: text, latexSvg: flag }),
  ],
  render_uncommitted_card_legacy: [
    z.object({ note: noteMessage, cardOrd: int, template: bytes, fillEmpty: flag, partialRender: flag }),
    z.object({ questionNodes: nodes, answerNodes: nodes, css: text, latexSvg: flag, isEmpty: flag }),
  ],
  search_cards: search,
  search_notes: search,
  all_browser_columns: [
    empty,
    z.object({ columns: z.array(z.object({ key: text, sortingCards: int, sortingNotes: int })) }),
  ],
} as const;
