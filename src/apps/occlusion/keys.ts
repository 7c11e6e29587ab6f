import type { DrawnShape } from '../../contract/panels/occlusion.ts';
import type { Editing, NewKind } from './editing.ts';
import { cornersOf, moved, resized, withCorner } from './geometry.ts';
import { indexOf, type Stage } from './stage.ts';

interface KeyActions {
  readonly editing: Editing;
  readonly stage: Stage;
  readonly add: (kind: NewKind) => void;
  readonly remove: () => void;
  readonly save: () => void;
}

/** Carries out a key. Returns false if it means nothing here. */
export function onKey(event: KeyboardEvent, actions: KeyActions): boolean {
  const { target, key, ctrlKey, metaKey, altKey, shiftKey, repeat } = event;
  const { editing, stage, add, remove, save } = actions;
  if (!(target instanceof Element) || target.matches('input, select')) return false;
  const name = key.toLowerCase();
  if (ctrlKey || metaKey) {
    if (name === 'y' || (name === 'z' && shiftKey)) editing.redo();
    else if (name === 'z') editing.undo();
    else return false;
    return true;
  }
  const change = changeBy(event, target);
  if (change) {
    editing.changeSelected(change, repeat);
    return true;
  }
  if (altKey || repeat) return false;
  const isInPicture = stage.element.contains(target);
  if (name === 'escape') {
    if (!stage.cancel()) editing.select(undefined);
  } else if (isInPicture && (name === 'delete' || name === 'backspace')) remove();
  else if (name === 'r') add('rect');
  else if (name === 'e') add('ellipse');
  else if (name === 't') add('text');
  else if (name === 's') save();
  else return false;
  return true;
}

const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Returns what an arrow key does with the shape or the corner that has the focus. */
function changeBy(
  { key, altKey, shiftKey }: KeyboardEvent,
  target: Element,
): ((shape: DrawnShape) => DrawnShape) | undefined {
  const arrow = arrows[key];
  if (!arrow) return undefined;
  const step = altKey ? 0.1 : 1;
  const [byX, byY] = [arrow[0] * step, arrow[1] * step];
  const corner = indexOf(target, 'data-corner');
  if (corner !== undefined)
    return (shape) => {
      const [x, y] = cornersOf(shape)[corner] ?? [0, 0];
      return withCorner(shape, corner, [x + byX, y + byY]);
    };
  if (indexOf(target, 'data-shape') === undefined) return undefined;
  return (shape) => (shiftKey ? resized : moved)(shape, byX, byY);
}
