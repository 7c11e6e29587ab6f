import { panelHandle } from '../../contract/panels/index.ts';
import {
  occlusionTool,
  type Drawing,
  type DrawnShape,
  type OcclusionAction,
  type OcclusionRequest,
  type OcclusionView,
  type OpenEditor,
} from '../../contract/panels/occlusion.ts';
import { connect, member, type Host, type ToolResult } from '../shared/bridge.ts';
import { button, h, root } from '../shared/dom.ts';
import { messageOf, Notice } from '../shared/notice.ts';
import { ViewCalls } from '../shared/view-calls.ts';
import { Controls } from './controls.ts';
import { boxOf, cornersOf, moved, resized, withCorner } from './geometry.ts';
import { History } from './history.ts';
import { descriptionOf } from './names.ts';
import { indexOf, Stage } from './stage.ts';

type Content = NonNullable<OpenEditor['content']>;

/** Time in ms without a change after which the server gets the masks. */
const pause = 500;

/** Returns true for a view. Our own server made it, so that only its kind is checked. */
const isView = (data: unknown): data is OcclusionView =>
  typeof member(data, 'editor') === 'string' && typeof member(data, 'phase') === 'string';

const textOf = ({ shapes, hideOne }: Drawing): string =>
  JSON.stringify([hideOne, ...shapes.map(({ id, shape, at, group, text }) => [id, shape, at, group, text])]);

/** The panel for the masks of a picture. The server keeps them; the panel sends them when the user pauses. */
class OcclusionPanel {
  readonly #head = h('header');
  readonly #notice = new Notice();
  readonly #stage: Stage;
  readonly #controls: Controls;
  readonly #status = h('p', { class: 'faint', role: 'status' });
  readonly #editor: HTMLElement;
  readonly #end = h('div', { class: 'row' });
  readonly #host: Host;
  readonly #calls: ViewCalls<OcclusionRequest, OcclusionView>;
  #view: OcclusionView | undefined;
  #history: History<Drawing> | undefined;
  #angles: Content['angles'] = {};
  #groups: Content['groups'] = [];
  #selected: number | undefined;
  /** What a drag on the picture draws. */
  #kind: 'rect' | 'ellipse' = 'rect';
  /** What the server has. */
  #kept = '';
  #timer = 0;
  #lastCall: Promise<void> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
    this.#calls = new ViewCalls({
      host,
      tool: occlusionTool,
      isView,
      show: (view) => this.#show(view),
      showAgain: ({ editor }) => ({ action: 'show', editor }),
      notice: this.#notice,
    });
    this.#stage = new Stage({
      onSelect: (index) => this.#select(index),
      onChange: (index, shape) => this.#put(index, shape),
      newShape: () => this.#newShape(this.#kind),
      onBroken: () => this.#notice.show('This picture cannot be shown here. It may be broken.'),
    });
    this.#controls = new Controls({
      add: (kind) => this.#add(kind),
      undo: () => this.#step('undo'),
      redo: () => this.#step('redo'),
      setHideOne: (hideOne) => this.#change({ hideOne }),
      select: (index) => this.#select(index),
      setGroup: (group) => this.#changeSelected((shape) => ({ ...shape, group })),
      setText: (text) => this.#changeSelected((shape) => (text === '' ? shape : { ...shape, text })),
      remove: () => this.#remove(),
    });
    const { tools, properties } = this.#controls;
    this.#editor = h(
      'div',
      { class: 'editor', hidden: true },
      tools,
      this.#stage.element,
      this.#status,
      properties,
    );
    root().append(this.#head, this.#notice.element, this.#editor, this.#end);
    document.addEventListener('keydown', (event) => {
      if (!this.#editor.hidden && this.#onKeyDown(event)) event.preventDefault();
    });
  }

  start(): void {
    this.#host.listen({
      onResult: (result) => void this.#open(result),
      onCancelled: () => this.#notice.show('The call was cancelled.'),
      onTeardown: () => this.#send('edit'),
    });
  }

  /** Shows the editor of a result. A result without one is that of a call without review. */
  async #open(result: ToolResult): Promise<void> {
    if (result.isError) return this.#notice.show(result.text);
    const editor = member(member(result.meta, panelHandle), 'editor');
    if (typeof editor !== 'string') return this.#showOutcome(member(result.data, 'result'));
    if (!this.#host.canCall)
      return this.#notice.show('This app does not let panels save notes. Continue in the chat.');
    await this.#calls.send({ action: 'show', editor });
  }

  /** Shows what a call without review did. */
  #showOutcome(result: unknown): void {
    const note = member(result, 'note');
    this.#notice.show(outcomeOf(result));
    if (typeof note !== 'number' || !this.#host.canMessage) return;
    const message = `Open the masks of note ${note} for review.`;
    this.#end.replaceChildren(
      button('Edit the masks', () => {
        this.#host.sendMessage(message).catch((error: unknown) => this.#notice.show(messageOf(error)));
      }),
    );
  }

  /** Sends what the user did, after the calls before. */
  #send(action: OcclusionAction): Promise<void> {
    clearTimeout(this.#timer);
    this.#lastCall = this.#sendAfter(this.#lastCall, action);
    return this.#lastCall;
  }

  async #sendAfter(last: Promise<void>, action: OcclusionAction): Promise<void> {
    await last;
    const [view, drawing] = [this.#view, this.#history?.present];
    if (!view || view.phase === 'saved' || (action === 'edit' && !this.#isChanged)) return;
    const { editor, token } = view;
    if (drawing) this.#kept = textOf(drawing);
    await this.#calls.send({ action, editor, token, ...(view.phase === 'open' && drawing) });
  }

  get #isChanged(): boolean {
    return this.#history !== undefined && textOf(this.#history.present) !== this.#kept;
  }

  #show(view: OcclusionView): void {
    if (view.report !== this.#view?.report) this.#host.updateContext(view.report);
    const isNewPhase = view.phase !== this.#view?.phase;
    this.#view = view;
    this.#notice.show(view.notice ?? '');
    this.#editor.hidden = view.phase !== 'open';
    if (view.phase === 'open' && view.content) this.#take(view.content, view.filename);
    if (isNewPhase || view.phase !== 'open') this.#head.replaceChildren(...headOf(view));
    this.#draw();
    if (isNewPhase && view.phase !== 'open') this.#head.querySelector('h1')?.focus();
  }

  /** Shows what the server has. What the user had drawn until then can be restored by undo. */
  #take({ shapes, hideOne, picture, angles, groups }: Content, filename: string): void {
    const drawing = { shapes, hideOne };
    this.#kept = textOf(drawing);
    this.#angles = { ...this.#angles, ...angles };
    this.#groups = groups;
    if (!this.#history) this.#history = new History<Drawing>(drawing);
    else if (this.#isChanged) this.#history.change(drawing);
    this.#stage.showPicture(picture, filename);
  }

  #draw(): void {
    const { shapes, hideOne } = this.#history?.present ?? { shapes: [], hideOne: false };
    if (this.#selected !== undefined && this.#selected >= shapes.length) this.#selected = undefined;
    const selected = this.#selected;
    const { canUndo = false, canRedo = false } = this.#history ?? {};
    this.#stage.show({ shapes, selected, angles: this.#angles });
    this.#controls.show({ shapes, hideOne, selected, canUndo, canRedo });
    const shape = selected === undefined ? undefined : shapes[selected];
    this.#status.textContent = shape ? descriptionOf(shape) : hint;
    this.#end.replaceChildren(...this.#endOf(shapes));
  }

  #endOf(shapes: readonly DrawnShape[]): HTMLElement[] {
    const view = this.#view;
    if (view?.phase === 'cancelled') return [button('Edit again', () => void this.#send('reopen'))];
    if (view?.phase !== 'open') return [];
    const cards = new Set(shapes.map(({ group }) => group).filter((group) => group > 0)).size;
    const what = `${view.note === undefined ? 'Save note' : 'Update note'} with ${cards} ${cards === 1 ? 'card' : 'cards'}`;
    return [
      button('Cancel', () => void this.#send('cancel')),
      button(what, () => void this.#send('save'), {
        class: 'primary',
        disabled: cards === 0,
        'aria-keyshortcuts': 'S',
      }),
    ];
  }

  #select(index: number | undefined): void {
    if (index === this.#selected) return;
    this.#selected = index;
    this.#draw();
  }

  /** Changes the drawing. */
  #change(changes: Partial<Drawing>, continues = false): void {
    const history = this.#history;
    if (!history) return;
    const drawing = { ...history.present, ...changes };
    if (textOf(drawing) !== textOf(history.present)) {
      history.change(drawing, continues);
      this.#sendLater();
    }
    this.#draw();
  }

  #sendLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send('edit'), pause);
  }

  #step(direction: 'undo' | 'redo'): void {
    this.#history?.[direction]();
    this.#sendLater();
    this.#draw();
  }

  /** Puts a shape at a position of the list, which may be its end. */
  #put(index: number, shape: DrawnShape, continues = false): void {
    this.#selected = index;
    this.#change({ shapes: (this.#history?.present.shapes ?? []).toSpliced(index, 1, shape) }, continues);
  }

  #changeSelected(change: (shape: DrawnShape) => DrawnShape, continues = false): void {
    const shape = this.#history?.present.shapes[this.#selected ?? -1];
    if (shape && this.#selected !== undefined) this.#put(this.#selected, change(shape), continues);
  }

  /** Returns a shape without a place. A new mask gets a card of its own. */
  #newShape(kind: 'rect' | 'ellipse' | 'text'): DrawnShape {
    if (kind === 'text') return { shape: kind, at: [], group: 0, text: 'Text' };
    const used = new Set([
      ...this.#groups,
      ...(this.#history?.present.shapes ?? []).map(({ group }) => group),
    ]);
    let group = 1;
    while (used.has(group)) group++;
    return { shape: kind, at: [], group };
  }

  /** Adds a shape in the middle of the picture, and a text at the selected mask. */
  #add(kind: 'rect' | 'ellipse' | 'text'): void {
    const shapes = this.#history?.present.shapes ?? [];
    const mask = shapes[this.#selected ?? -1];
    const [left, top] = mask ? boxOf(mask) : [45, 45];
    if (kind !== 'text') this.#kind = kind;
    const at = kind === 'text' ? [left, top] : [40, 40, 20, 20];
    this.#put(shapes.length, { ...this.#newShape(kind), at });
    if (kind === 'text') this.#controls.focusText();
    else this.#stage.focus(this.#selected);
  }

  #remove(): void {
    const shapes = this.#history?.present.shapes ?? [];
    if (this.#selected === undefined) return;
    const left = shapes.toSpliced(this.#selected, 1);
    this.#selected = left.length > 0 ? Math.min(this.#selected, left.length - 1) : undefined;
    this.#change({ shapes: left });
    this.#stage.focus(this.#selected);
  }

  /** Carries out a key. Returns false if it means nothing here. */
  #onKeyDown(event: KeyboardEvent): boolean {
    const { target, key, ctrlKey, metaKey, altKey, shiftKey, repeat } = event;
    if (!(target instanceof Element) || target.matches('input, select')) return false;
    const name = key.toLowerCase();
    if (ctrlKey || metaKey) {
      if (name === 'z') this.#step(shiftKey ? 'redo' : 'undo');
      else if (name === 'y') this.#step('redo');
      else return false;
      return true;
    }
    const arrow = arrows[key];
    if (arrow) return this.#onArrow(target, arrow, { isFine: altKey, resizes: shiftKey, continues: repeat });
    if (altKey || repeat) return false;
    const isInPicture = this.#stage.element.contains(target);
    if (name === 'escape') {
      if (!this.#stage.cancel()) this.#select(undefined);
    } else if (isInPicture && (name === 'delete' || name === 'backspace')) this.#remove();
    else if (name === 'r') this.#add('rect');
    else if (name === 'e') this.#add('ellipse');
    else if (name === 't') this.#add('text');
    else if (name === 's') void this.#send('save');
    else return false;
    return true;
  }

  #onArrow(
    target: Element,
    [x, y]: readonly [number, number],
    { isFine, resizes, continues }: { isFine: boolean; resizes: boolean; continues: boolean },
  ): boolean {
    const [corner, index] = [indexOf(target, 'data-corner'), indexOf(target, 'data-shape')];
    if (corner === undefined && index === undefined) return false;
    const step = isFine ? 0.1 : 1;
    const [byX, byY] = [x * step, y * step];
    this.#changeSelected((shape) => {
      const [cornerX, cornerY] = cornersOf(shape)[corner ?? -1] ?? [0, 0];
      if (corner !== undefined) return withCorner(shape, corner, [cornerX + byX, cornerY + byY]);
      return (resizes ? resized : moved)(shape, byX, byY);
    }, continues);
    return true;
  }
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const hint =
  'Draw a mask on the picture, or select one: arrow keys move it, Shift resizes, Alt makes small steps.';

function headOf(view: OcclusionView): HTMLElement[] {
  const { phase, note, details, filename } = view;
  const title = (text: string) => h('h1', { tabindex: -1 }, text);
  if (phase === 'cancelled') return [title('Cancelled'), h('p', {}, 'Nothing was saved.')];
  if (phase === 'saved') return [title('Saved'), ...view.sentences.map((sentence) => h('p', {}, sentence))];
  const parts = [
    note === undefined ? 'New note' : `Note ${note}`,
    ...details.map(({ name, value }) => `${name}: ${value}`),
  ];
  return [title(`Masks of ${filename}`), h('p', { class: 'faint', dir: 'auto' }, parts.join(' · '))];
}

/** Returns the outcome of a call, the note and the number of cards in a sentence. */
function outcomeOf(result: unknown): string {
  const [outcome, note, cards] = ['outcome', 'note', 'cards'].map((name) => member(result, name));
  if (typeof outcome !== 'string') return 'There is nothing to edit.';
  const count = Array.isArray(cards) ? cards.length : 0;
  return `${typeof note === 'number' ? `Note ${note}: ` : ''}${outcome}, ${count} ${count === 1 ? 'card' : 'cards'}.`;
}

void connect('occlusion').then((host) => new OcclusionPanel(host).start());
