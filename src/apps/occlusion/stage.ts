import type { DrawnShape } from '../../contract/panels/occlusion.ts';
import { h } from '../shared/dom.ts';
import { s } from '../shared/svg.ts';
import { boxBetween, boxOf, cornersOf, moved, withCorner, type Place } from './geometry.ts';
import { descriptionOf } from './names.ts';

/** What is drawn. */
export interface Scene {
  readonly shapes: readonly DrawnShape[];
  readonly selected: number | undefined;
  readonly angles: Readonly<Record<string, number>>;
}

export interface StageListeners {
  readonly onSelect: (index: number | undefined) => void;
  /** A shape was dragged, or drawn if it is `undefined` in the scene. */
  readonly onChange: (index: number, shape: DrawnShape) => void;
  /** Returns the shape that a drag on the picture draws. */
  readonly newShape: () => DrawnShape;
  readonly onBroken: () => void;
}

/** A drag of a pointer. */
interface Gesture {
  readonly pointer: number;
  readonly index: number;
  /** Returns the shape for a place of the pointer. */
  readonly shapeAt: (place: Place) => DrawnShape;
  readonly placeOf: (event: PointerEvent) => Place;
  shape?: DrawnShape;
}

/** Smaller drawings are clicks. */
const smallestDrawing = 1.5;

/** Height in pixels that a tall picture gets, and the width that it has at least. */
const maxHeight = 640;
const minWidth = 160;

/** Where the corners of a box are. */
const boxCorners = ['left top', 'right top', 'right bottom', 'left bottom'];

/** The picture with its shapes. They are buttons over it, so that they have a name, the focus and keys. */
export class Stage {
  readonly #picture = h('img', { draggable: 'false' });
  readonly #layer = h('div', { class: 'layer', role: 'application', tabindex: -1, 'aria-label': 'Masks' });
  readonly element = h('div', { class: 'stage', dir: 'ltr' }, this.#picture, this.#layer);
  readonly #listeners: StageListeners;
  #scene: Scene = { shapes: [], selected: undefined, angles: {} };
  #gesture: Gesture | undefined;

  constructor(listeners: StageListeners) {
    this.#listeners = listeners;
    this.#picture.addEventListener('error', listeners.onBroken);
    this.#picture.addEventListener('load', () => {
      const { naturalWidth, naturalHeight } = this.#picture;
      const width = (maxHeight * naturalWidth) / (naturalHeight || 1);
      this.element.style.maxWidth = `${Math.max(minWidth, width)}px`;
    });
    this.#layer.addEventListener('focusin', ({ target }) => {
      const index = target instanceof Element ? indexOf(target, 'data-shape') : undefined;
      if (index !== undefined) listeners.onSelect(index);
    });
    this.#layer.addEventListener('pointerdown', (event) => this.#begin(event));
    this.#layer.addEventListener('pointermove', (event) => this.#go(event));
    this.#layer.addEventListener('pointerup', (event) => this.#end(event));
    this.#layer.addEventListener('lostpointercapture', () => this.cancel());
  }

  showPicture(source: string, name: string): void {
    this.#picture.alt = name;
    if (this.#picture.src !== source) this.#picture.src = source;
  }

  show(scene: Scene): void {
    this.#scene = scene;
    this.#draw(scene);
  }

  focus(index: number | undefined): void {
    const shape = this.#layer.querySelector<HTMLElement>(`[data-shape="${index}"]`);
    (shape ?? this.#layer).focus({ preventScroll: shape === null });
  }

  /** Ends a drag without a change. Returns false if there is none. */
  cancel(): boolean {
    if (!this.#gesture) return false;
    this.#gesture = undefined;
    this.#draw(this.#scene);
    return true;
  }

  /** Draws the shapes. Elements that stay keep the focus. */
  #draw({ shapes, selected, angles }: Scene): void {
    const isFocused = this.#layer.contains(document.activeElement);
    const angleOf = ({ id }: DrawnShape) => (id === undefined ? 0 : (angles[id] ?? 0));
    const chosen = selected === undefined ? undefined : shapes[selected];
    const corners = chosen && angleOf(chosen) === 0 ? cornersOf(chosen) : [];
    this.#have('data-shape', shapes.length);
    this.#have('data-corner', corners.length);
    for (const [index, shape] of shapes.entries())
      drawShape(this.#element('data-shape', index), shape, index === selected, angleOf(shape));
    for (const [index, [x, y]] of corners.entries()) {
      const corner = this.#element('data-corner', index);
      place(corner, x, y);
      corner.className = `corner ${chosen?.shape === 'polygon' ? '' : (boxCorners[index] ?? '')}`;
      corner.setAttribute('aria-label', `Corner ${index + 1} of ${corners.length}`);
    }
    if (isFocused && !this.#layer.contains(document.activeElement)) this.focus(selected);
  }

  #element(kind: string, index: number): HTMLElement {
    const found = this.#layer.querySelector<HTMLElement>(`[${kind}="${index}"]`);
    if (!found) throw new Error(`the picture has no ${kind} ${index}`);
    return found;
  }

  /** Adds or removes elements of a kind. The corners come after the shapes. */
  #have(kind: 'data-shape' | 'data-corner', count: number): void {
    const present = [...this.#layer.querySelectorAll(`[${kind}]`)];
    for (const each of present.slice(count)) each.remove();
    for (let index = present.length; index < count; index++) {
      const added = h('button', { type: 'button', [kind]: index });
      this.#layer.insertBefore(
        added,
        kind === 'data-shape' ? this.#layer.querySelector('[data-corner]') : null,
      );
    }
  }

  #begin(event: PointerEvent): void {
    const { target, button, pointerId, pointerType } = event;
    if (this.#gesture || button !== 0 || !(target instanceof Element)) return;
    // A text that the user has typed belongs to the shape that is selected until now.
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
    const bounds = this.#layer.getBoundingClientRect();
    const placeOf = ({ clientX, clientY }: PointerEvent): Place => [
      ((clientX - bounds.left) / bounds.width) * 100,
      ((clientY - bounds.top) / bounds.height) * 100,
    ];
    const from = placeOf(event);
    const corner = indexOf(target, 'data-corner');
    const hit = corner === undefined ? indexOf(target, 'data-shape') : this.#scene.selected;
    const begin = (index: number, shapeAt: Gesture['shapeAt']) => {
      this.#layer.setPointerCapture(pointerId);
      this.#gesture = { pointer: pointerId, index, shapeAt, placeOf };
    };
    if (hit === undefined) {
      this.#listeners.onSelect(undefined);
      // With a finger, a drag on the picture scrolls the page.
      if (pointerType === 'touch') return;
      const shape = this.#listeners.newShape();
      begin(this.#scene.shapes.length, (to) => ({ ...shape, at: boxBetween(from, to) }));
      return;
    }
    const shape = this.#scene.shapes[hit];
    if (!shape) return;
    if (corner === undefined) {
      this.#listeners.onSelect(hit);
      this.focus(hit);
      begin(hit, ([x, y]) => moved(shape, x - from[0], y - from[1]));
    } else begin(hit, (to) => withCorner(shape, corner, to));
    event.preventDefault();
  }

  #go(event: PointerEvent): void {
    const gesture = this.#gesture;
    if (gesture?.pointer !== event.pointerId) return;
    gesture.shape = gesture.shapeAt(gesture.placeOf(event));
    this.#draw({ ...this.#scene, shapes: this.#scene.shapes.toSpliced(gesture.index, 1, gesture.shape) });
  }

  #end({ pointerId }: PointerEvent): void {
    const { shape, index, pointer } = this.#gesture ?? {};
    if (pointer !== pointerId) return;
    this.cancel();
    if (shape === undefined || index === undefined) return;
    const [, , width, height] = boxOf(shape);
    const isDrawing = index === this.#scene.shapes.length;
    if (isDrawing && Math.min(width, height) < smallestDrawing) return;
    this.#listeners.onChange(index, shape);
  }
}

/** Returns the number of the shape or the corner that an element belongs to. */
export function indexOf(element: Element, kind: 'data-shape' | 'data-corner'): number | undefined {
  const value = element.closest(`[${kind}]`)?.getAttribute(kind);
  return value === undefined || value === null ? undefined : Number(value);
}

function place(element: HTMLElement, left: number, top: number): void {
  element.style.left = `${left}%`;
  element.style.top = `${top}%`;
}

function drawShape(element: HTMLElement, shape: DrawnShape, isSelected: boolean, angle: number): void {
  const [left, top, width, height] = boxOf(shape);
  const isText = shape.shape === 'text';
  element.className = `shape ${shape.shape}`;
  element.setAttribute('aria-label', descriptionOf(shape));
  element.setAttribute('aria-pressed', String(isSelected));
  place(element, left, top);
  element.style.width = isText ? '' : `${width}%`;
  element.style.height = isText ? '' : `${height}%`;
  element.style.transform = angle === 0 ? '' : `rotate(${angle}deg)`;
  // A small mask stays within reach on a large one.
  element.style.zIndex = isText ? '101' : String(100 - Math.ceil((width * height) / 100));
  const content = h('span', isText ? { dir: 'auto' } : {}, isText ? (shape.text ?? '') : String(shape.group));
  element.replaceChildren(...(shape.shape === 'polygon' ? [outlineOf(shape)] : []), content);
}

function outlineOf(shape: DrawnShape): SVGElement {
  const points = cornersOf(shape).map((corner) => corner.join(','));
  return s(
    'svg',
    { viewBox: boxOf(shape).join(' '), preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    s('polygon', { points: points.join(' '), 'vector-effect': 'non-scaling-stroke' }),
  );
}
