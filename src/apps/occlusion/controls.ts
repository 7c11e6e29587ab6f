import type { DrawnShape } from '../../contract/panels/occlusion.ts';
import { button, h } from '../shared/dom.ts';
import type { NewKind } from './editing.ts';
import { nameOf } from './names.ts';

export interface ControlListeners {
  readonly add: (kind: NewKind) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly setHideOne: (hideOne: boolean) => void;
  readonly select: (index: number | undefined) => void;
  readonly setGroup: (group: number) => void;
  readonly setText: (text: string) => void;
  readonly remove: () => void;
}

export interface ControlState {
  readonly shapes: readonly DrawnShape[];
  readonly hideOne: boolean;
  readonly selected: number | undefined;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** Anki's highest number of a card of a note. */
const maxGroup = 500;

/** What Anki cannot store in a label. */
const unusable = /[\\<>\n\r]|\{\{|\}\}/g;
const maxLabel = 200;

/** Buttons and fields around the picture. */
export class Controls {
  readonly #undo: HTMLButtonElement;
  readonly #redo: HTMLButtonElement;
  readonly #mode = h(
    'select',
    {},
    h('option', { value: 'hideAll' }, 'Hide all, guess one'),
    h('option', { value: 'hideOne' }, 'Hide one, guess one'),
  );
  readonly #shape = h('select');
  readonly #group = h('input', { type: 'number', min: 1, max: maxGroup, inputmode: 'numeric' });
  readonly #text = h('input', { maxlength: maxLabel, autocomplete: 'off', dir: 'auto' });
  readonly #remove: HTMLButtonElement;
  readonly #groupLabel = h('label', {}, 'Card', this.#group);
  readonly #textLabel = h('label', {}, 'Text', this.#text);
  readonly tools: HTMLElement;
  readonly properties: HTMLElement;

  constructor(on: ControlListeners) {
    this.#undo = button('Undo', on.undo, { 'aria-keyshortcuts': 'Control+Z' });
    this.#redo = button('Redo', on.redo, { 'aria-keyshortcuts': 'Control+Y' });
    this.#remove = button('Remove', on.remove, { 'aria-keyshortcuts': 'Delete' });
    this.tools = h(
      'div',
      { class: 'row' },
      button('Add rectangle', () => on.add('rect'), { 'aria-keyshortcuts': 'R' }),
      button('Add ellipse', () => on.add('ellipse'), { 'aria-keyshortcuts': 'E' }),
      button('Add text', () => on.add('text'), { 'aria-keyshortcuts': 'T' }),
      this.#undo,
      this.#redo,
    );
    this.properties = h(
      'div',
      { class: 'row' },
      h('label', {}, 'Mask', this.#shape),
      this.#groupLabel,
      this.#textLabel,
      this.#remove,
      h('label', {}, 'Mode', this.#mode),
    );
    this.#mode.addEventListener('change', () => on.setHideOne(this.#mode.value === 'hideOne'));
    this.#shape.addEventListener('change', () =>
      on.select(this.#shape.value === '' ? undefined : Number(this.#shape.value)),
    );
    this.#group.addEventListener('change', () => {
      const group = Math.round(Number(this.#group.value));
      on.setGroup(Math.max(1, Math.min(group || 1, maxGroup)));
    });
    this.#text.addEventListener('change', () => on.setText(this.#text.value.replaceAll(unusable, '').trim()));
  }

  focusText(): void {
    this.#text.focus();
    this.#text.select();
  }

  show({ shapes, hideOne, selected, canUndo, canRedo }: ControlState): void {
    const shape = selected === undefined ? undefined : shapes[selected];
    this.#undo.disabled = !canUndo;
    this.#redo.disabled = !canRedo;
    this.#remove.disabled = !shape;
    this.#mode.value = hideOne ? 'hideOne' : 'hideAll';
    this.#shape.replaceChildren(
      h('option', { value: '' }, shapes.length > 0 ? 'None selected' : 'None yet'),
      ...shapes.map((each, index) => h('option', { value: index }, `${index + 1}. ${nameOf(each)}`)),
    );
    this.#shape.value = shape ? String(selected) : '';
    this.#groupLabel.hidden = shape?.shape === 'text';
    this.#textLabel.hidden = shape?.shape !== 'text';
    this.#group.disabled = !shape;
    showValue(this.#group, shape ? String(shape.group) : '');
    showValue(this.#text, shape?.text ?? '');
  }
}

/** Shows a value, unless the user is changing it: the server may answer meanwhile. */
function showValue(field: HTMLInputElement, value: string): void {
  if (document.activeElement !== field) field.value = value;
}
