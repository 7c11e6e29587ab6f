import type { Drawing, DrawnShape, OpenEditor } from '../../contract/panels/occlusion.ts';
import { boxOf } from './geometry.ts';
import { History } from './history.ts';

export type Content = NonNullable<OpenEditor['content']>;

/** Shapes that the panel adds. */
export type NewKind = 'rect' | 'ellipse' | 'text';

export interface EditingListeners {
  /** The drawing or the selection has changed. */
  readonly onChange: () => void;
  /** The user has changed the drawing. */
  readonly onEdit: () => void;
}

const textOf = ({ shapes, hideOne }: Drawing): string =>
  JSON.stringify([hideOne, ...shapes.map(({ id, shape, at, group, text }) => [id, shape, at, group, text])]);

/** The masks as the user edits them. */
export class Editing {
  readonly #listeners: EditingListeners;
  #history: History<Drawing> | undefined;
  #angles: Content['angles'] = {};
  #groups: Content['groups'] = [];
  #selected: number | undefined;
  /** What a drag on the picture draws. */
  #kind: 'rect' | 'ellipse' = 'rect';
  /** What the server has. */
  #kept = '';

  constructor(listeners: EditingListeners) {
    this.#listeners = listeners;
  }

  get drawing(): Drawing {
    return this.#history?.present ?? { shapes: [], hideOne: false };
  }

  /** What is drawn. */
  get scene() {
    const { canUndo = false, canRedo = false } = this.#history ?? {};
    return { ...this.drawing, selected: this.#selected, angles: this.#angles, canUndo, canRedo };
  }

  get selectedShape(): DrawnShape | undefined {
    return this.#selected === undefined ? undefined : this.drawing.shapes[this.#selected];
  }

  /** Whether the server has the drawing. */
  get isKept(): boolean {
    return textOf(this.drawing) === this.#kept;
  }

  /** Marks the drawing as sent to the server. */
  markKept(): void {
    this.#kept = textOf(this.drawing);
  }

  /** Takes what the server has. What the user had drawn until then can be restored by undo. */
  load({ shapes, hideOne, angles, groups }: Content): void {
    const drawing = { shapes, hideOne };
    this.#kept = textOf(drawing);
    this.#angles = { ...this.#angles, ...angles };
    this.#groups = groups;
    if (!this.#history) this.#history = new History<Drawing>(drawing);
    else if (!this.isKept) this.#history.change(drawing);
    this.#checkSelection();
  }

  select(index: number | undefined): void {
    if (index === this.#selected) return;
    this.#selected = index;
    this.#listeners.onChange();
  }

  setHideOne(hideOne: boolean): void {
    this.#change({ hideOne });
  }

  /** Puts a shape at a position of the list, which may be its end. */
  put(index: number, shape: DrawnShape, continues = false): void {
    this.#selected = index;
    this.#change({ shapes: this.drawing.shapes.toSpliced(index, 1, shape) }, continues);
  }

  /** Changes the selected shape. A change that continues the one before is undone together with it. */
  changeSelected(change: (shape: DrawnShape) => DrawnShape, continues = false): void {
    const shape = this.selectedShape;
    if (shape && this.#selected !== undefined) this.put(this.#selected, change(shape), continues);
  }

  /** Returns a shape without a place. A new mask gets its own card. */
  newShape(kind: NewKind = this.#kind): DrawnShape {
    if (kind === 'text') return { shape: kind, at: [], group: 0, text: 'Text' };
    const used = new Set([...this.#groups, ...this.drawing.shapes.map(({ group }) => group)]);
    let group = 1;
    while (used.has(group)) group++;
    return { shape: kind, at: [], group };
  }

  /** Adds a mask in the middle of the picture, or a text at the selected mask. */
  add(kind: NewKind): void {
    const [left, top] = this.selectedShape ? boxOf(this.selectedShape) : [45, 45];
    if (kind !== 'text') this.#kind = kind;
    const at = kind === 'text' ? [left, top] : [40, 40, 20, 20];
    this.put(this.drawing.shapes.length, { ...this.newShape(kind), at });
  }

  /** Removes the selected shape, and selects the next one. */
  remove(): void {
    if (this.#selected === undefined) return;
    const left = this.drawing.shapes.toSpliced(this.#selected, 1);
    this.#selected = left.length > 0 ? Math.min(this.#selected, left.length - 1) : undefined;
    this.#change({ shapes: left });
  }

  undo(): void {
    this.#history?.undo();
    this.#edited();
  }

  redo(): void {
    this.#history?.redo();
    this.#edited();
  }

  #change(changes: Partial<Drawing>, continues = false): void {
    const drawing = { ...this.drawing, ...changes };
    if (textOf(drawing) === textOf(this.drawing)) return this.#listeners.onChange();
    this.#history?.change(drawing, continues);
    this.#edited();
  }

  #edited(): void {
    this.#checkSelection();
    this.#listeners.onEdit();
    this.#listeners.onChange();
  }

  #checkSelection(): void {
    if (!this.selectedShape) this.#selected = undefined;
  }
}
