import type { Drawing, DrawnShape } from '../../../../contract/panels/occlusion.ts';
import { oneAtATime } from '../../../../lib/one-at-a-time.ts';
import { newId, newToken, PanelStates, type PanelState } from '../../../panel-states.ts';
import type { Context } from '../../../workflow.ts';
import { inMode, labelOf, type Shape } from '../field.ts';
import { sizeOf } from '../picture.ts';
import type { Plan } from '../plan.ts';
import type { Done } from '../report.ts';
import type { Target } from '../save.ts';
import { placeOf, toShapes } from '../shapes.ts';

/** Masks that the user edits in a panel. */
export interface Editor extends PanelState {
  target: Target;
  /** The picture as a data: URL. */
  readonly picture: string;
  /** The groups that have cards. */
  groups: readonly number[];
  /** The shapes before the user's changes. Their ids are their positions, from 1; shapes are only added. */
  readonly known: Shape[];
  /** What the user started with, and what it is now. */
  first: Drawing;
  drawing: Drawing;
  phase: 'open' | 'cancelled' | 'saved';
  /** What was saved, or undefined if the outcome is unknown. */
  done?: Done;
  why?: string;
  /** Permits one action. Only views contain it. */
  token: string;
  /** Runs an action after the one before. */
  readonly afterLast: ReturnType<typeof oneAtATime>;
}

export const editors = new PanelStates<Editor>({
  count: 20,
  bytes: 100_000_000,
  bytesOf: ({ target, picture }) => (target.picture?.bytes.length ?? 0) + picture.length,
});

/** Keeps a plan for the panel, until the session ends. Throws if its shapes could not be saved. */
export function keep({ session }: Context, plan: Plan, picture: string): Editor {
  const drawing = drawingOf(plan, 0);
  const editor: Editor = {
    id: newId(),
    client: session,
    target: plan.target,
    picture,
    groups: plan.groups,
    known: [...plan.shapes],
    first: drawing,
    drawing,
    phase: 'open',
    token: newToken(),
    afterLast: oneAtATime(),
  };
  shapesOf(editor, drawing);
  return editors.keep(editor);
}

/** Starts again with the note as it is now. Shapes that the user removed before can still be restored. */
export function restart(editor: Editor, plan: Plan): void {
  const drawing = drawingOf(plan, editor.known.length);
  editor.known.push(...plan.shapes);
  Object.assign(editor, { target: plan.target, groups: plan.groups, first: drawing, drawing });
}

const drawingOf = ({ shapes, hideOne }: Pick<Plan, 'shapes' | 'hideOne'>, before: number): Drawing => ({
  shapes: shapes.map((shape, index) => drawnShape(shape, before + index + 1)),
  hideOne,
});

const drawnShape = (shape: Shape, id: number): DrawnShape => ({
  id,
  shape: shape.kind,
  at: placeOf(shape, inPercent),
  group: shape.group,
  ...(shape.kind === 'text' && { text: labelOf(shape) }),
});

const inPercent = { unit: 'percent', size: undefined } as const;

/** Returns a drawing as Anki stores it. What the user did not change stays as it was written. */
export function shapesOf({ known, groups, target }: Editor, { shapes, hideOne }: Drawing): Shape[] {
  const inputs = shapes.map(({ text, ...shape }) => {
    const old = shape.id === undefined ? undefined : known[shape.id - 1];
    const before = old && drawnShape(old, 0);
    return {
      ...shape,
      at: isSame(before?.at, shape.at) ? undefined : [...shape.at],
      group: shape.shape === 'text' || shape.group === before?.group ? undefined : shape.group,
      text: text === before?.text ? undefined : text,
    };
  });
  const size = target.picture && sizeOf(target.picture);
  const all = toShapes(inputs, { unit: 'percent', size, existing: known, groups });
  return inMode(all, hideOne ? 'hideOne' : 'hideAll');
}

export const isSame = (one: readonly number[] | undefined, other: readonly number[]): boolean =>
  one?.length === other.length && other.every((value, index) => value === one[index]);
