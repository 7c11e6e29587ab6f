import type { AnswerView, DoneView, StudyReply, StudyView } from '../../contract/panels/study.ts';
import { member } from '../shared/bridge.ts';
import { counted } from '../shared/counted.ts';
import { button, h } from '../shared/dom.ts';
import { comparisonOf } from '../shared/typed-answer.ts';

const phases: readonly unknown[] = ['question', 'answer', 'stuck', 'done', 'same'];

/** Returns true for a view. Our own server made it, so that only its kind is checked. */
export const isStudyReply = (data: unknown): data is StudyReply =>
  typeof member(data, 'session') === 'string' && phases.includes(member(data, 'phase'));

/** Adds the card that is shown to a reply that leaves it out. */
export function completed(reply: StudyReply, shown: StudyView | undefined): StudyView | undefined {
  if (reply.phase !== 'same') return reply;
  if (shown?.phase !== 'question' && shown?.phase !== 'answer') return shown;
  const { phase: _, ...changes } = reply;
  return { ...shown, ...changes };
}

/** What the user can do. */
export interface Actions {
  readonly reveal: () => void;
  readonly rate: (rating: number) => void;
  readonly undo: () => void;
  readonly bury: () => void;
  readonly flag: (flag: number) => void;
  readonly comment: () => void;
  readonly stop: () => void;
  /** Asks the model about this card, or about those that went wrong. Undefined if the host sends no messages. */
  readonly explain: (() => void) | undefined;
}

/** Draws the deck and how far the session is. */
export function headOf({ title, answered, left }: StudyView): HTMLElement[] {
  const rest = left ? left.new + left.learning + left.review : undefined;
  const counts = left ? ` · ${left.new} new, ${left.learning} learning, ${left.review} to review` : '';
  return [
    h('h1', { dir: 'auto' }, title),
    h('p', { class: 'faint' }, `${answered} done${counts}`),
    ...(rest === undefined
      ? []
      : [h('progress', { max: Math.max(answered + rest, 1), value: answered, 'aria-label': 'Cards done' })]),
  ];
}

/** Draws what the user does with the card. The button that most users want next has the class `primary`. */
export function mainActions(view: StudyView, actions: Actions): HTMLElement[] {
  if (view.phase === 'stuck') return [button('Try again', actions.reveal, { class: 'primary' })];
  if (view.phase === 'question')
    return [button('Show answer', actions.reveal, { class: 'primary', 'aria-keyshortcuts': 'Space' })];
  return view.phase === 'answer' ? [ratingsOf(view, actions)] : [];
}

const ratingsOf = ({ ratings }: AnswerView, actions: Actions): HTMLElement =>
  h(
    'div',
    { class: 'ratings', role: 'group', 'aria-label': 'How well did you know it?' },
    ...ratings.map(({ rating, name, interval }) =>
      h(
        'button',
        {
          type: 'button',
          class: rating === 3 ? 'primary' : `rating-${rating}`,
          onclick: () => actions.rate(rating),
          'aria-keyshortcuts': rating === 3 ? '3 Space' : String(rating),
        },
        h('span', {}, name),
        ' ',
        h('small', {}, interval),
      ),
    ),
  );

const flags = ['No flag', 'Red', 'Orange', 'Green', 'Blue', 'Pink', 'Turquoise', 'Purple'];

/** Draws what is needed less often. */
export function otherActions(view: StudyView, actions: Actions): HTMLElement[] {
  const hasCard = view.phase === 'question' || view.phase === 'answer';
  const { explain } = actions;
  const isDone = view.phase === 'done';
  const hasMistakes = isDone && (view.counts[0]?.count ?? 0) > 0;
  return [
    ...(view.canUndo ? [button('Undo', actions.undo, { class: 'quiet', 'aria-keyshortcuts': 'U' })] : []),
    ...(hasCard && view.canBury ? [button('Bury', actions.bury, { class: 'quiet' })] : []),
    ...(hasCard
      ? [flagChoice(view.flag, actions), button('Edit later', actions.comment, { class: 'quiet' })]
      : []),
    ...(explain && view.phase === 'answer' ? [button('Explain this card', explain, { class: 'quiet' })] : []),
    ...(explain && hasMistakes ? [button('Explain what went wrong', explain, { class: 'primary' })] : []),
    ...(isDone ? [] : [button('End', actions.stop, { class: 'quiet' })]),
  ];
}

const flagChoice = (flag: number, actions: Actions): HTMLElement => {
  const choice = h(
    'select',
    { 'aria-label': 'Flag', onchange: () => actions.flag(choice.selectedIndex) },
    ...flags.map((name, index) => h('option', { selected: index === flag }, name)),
  );
  return choice;
};

/** Draws what belongs to the answer besides the card, or the end of the session. */
export function extrasOf(view: StudyView): HTMLElement[] {
  if (view.phase === 'answer' && view.comparison) return [comparisonOf(view.comparison)];
  return view.phase === 'done' ? [summaryOf(view, view.answered)] : [];
}

const summaryOf = ({ counts, minutes }: DoneView, answered: number): HTMLElement =>
  h(
    'div',
    { class: 'summary' },
    h(
      'p',
      {},
      `${counted(answered, 'card')} in ${minutes < 1 ? 'less than a minute' : counted(minutes, 'minute')}`,
    ),
    h(
      'dl',
      {},
      ...counts.map(({ name, count }) => h('div', {}, h('dt', {}, name), h('dd', {}, String(count)))),
    ),
  );
