import type { CardView } from '../../../../contract/panels/card.ts';
import type {
  AnswerView,
  DoneView,
  QuestionView,
  RatingButton,
  StuckView,
  StudyReply,
  StudyView,
} from '../../../../contract/panels/study.ts';
import { answerToType } from '../../../card-text/card-side.ts';
import { cardSide } from '../../../card-html/card.ts';
import type { Context } from '../../../workflow.ts';
import { canBury } from '../bury.ts';
import type { ShownCard } from '../card-source.ts';
import type { Session } from '../session.ts';
import { ratingNames, withoutInvisible } from '../steps.ts';
import { compareAnswer } from './compare.ts';
import { reportOf } from './report.ts';

/** Returns what the panel shows of a session. The answer is in it only after it was revealed. */
export async function viewOf(context: Context, session: Session, notice?: string): Promise<StudyView> {
  return { ...commonOf(context, session, notice), ...(await phaseOf(context, session)) };
}

/** Returns a view of the same card after a change of its flag or comment. It does not contain the card with its media. */
export const sameView = (context: Context, session: Session): StudyReply => ({
  ...commonOf(context, session),
  phase: 'same',
  flag: session.shown?.card.flags ?? 0,
});

function commonOf(context: Context, session: Session, notice?: string) {
  const { id, version, shown, answered, choice, comments, last } = session;
  const warning = notice ?? last?.result.warning;
  const comment = shown && comments.get(shown.cardId);
  return {
    session: id,
    version,
    title: choice.deck ?? choice.query ?? '',
    answered: answered.length,
    ...(shown?.left && { left: { ...shown.left } }),
    ...(warning !== undefined && { notice: warning }),
    canUndo: answered.length > 0,
    canBury: canBury(context),
    report: reportOf(session),
    ...(comment !== undefined && { comment }),
  };
}

async function phaseOf(
  context: Context,
  session: Session,
): Promise<QuestionView | AnswerView | StuckView | DoneView> {
  const { shown, ended } = session;
  if (ended) return summaryOf(session);
  if (!shown) return { phase: 'stuck' };
  return shown.revealed ? answerOf(context, session, shown) : questionOf(context, session, shown);
}

async function cardOf(context: Context, { card, revealed }: ShownCard, text = ''): Promise<CardView> {
  const side = await cardSide(context, card, revealed ? 'answer' : 'question');
  return { id: card.cardId, number: card.fieldOrder + 1, text, ...side };
}

async function questionOf(context: Context, { last }: Session, shown: ShownCard): Promise<QuestionView> {
  return {
    phase: 'question',
    card: await cardOf(context, shown, last?.result.question),
    flag: shown.card.flags ?? 0,
    asksTyping: answerToType(shown.card) !== undefined,
  };
}

async function answerOf(
  context: Context,
  { last, questions }: Session,
  shown: ShownCard,
): Promise<AnswerView> {
  const toType = answerToType(shown.card);
  return {
    phase: 'answer',
    card: await cardOf(context, shown, last?.result.answer),
    flag: shown.card.flags ?? 0,
    question: questions.get(shown.cardId) ?? '',
    ...(toType && { comparison: compareAnswer(shown.typed ?? '', toType) }),
    ratings: ([1, 2, 3, 4] as const).map((rating): RatingButton => ({
      rating,
      name: ratingNames[rating - 1] ?? '',
      interval: withoutInvisible(shown.card.nextReviews[rating - 1] ?? ''),
    })),
  };
}

function summaryOf({ answered, last }: Session): DoneView {
  return {
    phase: 'done',
    minutes: last?.result.minutes ?? 0,
    counts: ratingNames.map((name, index) => ({
      name,
      count: answered.filter(({ ease }) => ease === index + 1).length,
    })),
  };
}
