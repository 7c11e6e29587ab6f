import { panelHandle } from '../../contract/panels/index.ts';
import {
  occlusionTool,
  type OcclusionAction,
  type OcclusionRequest,
  type OcclusionView,
} from '../../contract/panels/occlusion.ts';
import { connect, member, type Host, type ToolResult } from '../shared/bridge.ts';
import { counted } from '../shared/counted.ts';
import { button, h, root } from '../shared/dom.ts';
import { messageOf, Notice } from '../shared/notice.ts';
import { ViewCalls } from '../shared/view-calls.ts';
import { Controls } from './controls.ts';
import { Editing, type NewKind } from './editing.ts';
import { onKey } from './keys.ts';
import { descriptionOf } from './names.ts';
import { Stage } from './stage.ts';

/** Time in ms without a change after which the server gets the masks. */
const pause = 500;

/** Returns true for a view. Our own server made it, so that only its kind is checked. */
const isView = (data: unknown): data is OcclusionView =>
  typeof member(data, 'editor') === 'string' && typeof member(data, 'phase') === 'string';

/** The panel for the masks of a picture. The server keeps them; the panel sends them when the user pauses. */
class OcclusionPanel {
  readonly #head = h('header');
  readonly #notice = new Notice();
  readonly #stage: Stage;
  readonly #controls: Controls;
  readonly #editing = new Editing({ onChange: () => this.#draw(), onEdit: () => this.#sendLater() });
  readonly #status = h('p', { class: 'faint', role: 'status' });
  readonly #editor: HTMLElement;
  readonly #end = h('div', { class: 'row' });
  readonly #host: Host;
  readonly #calls: ViewCalls<OcclusionRequest, OcclusionView>;
  #view: OcclusionView | undefined;
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
    const editing = this.#editing;
    this.#stage = new Stage({
      onSelect: (index) => editing.select(index),
      onChange: (index, shape) => editing.put(index, shape),
      newShape: () => editing.newShape(),
      onBroken: () => this.#notice.show('This picture cannot be shown here. It may be broken.'),
    });
    this.#controls = new Controls({
      add: (kind) => this.#add(kind),
      undo: () => editing.undo(),
      redo: () => editing.redo(),
      setHideOne: (hideOne) => editing.setHideOne(hideOne),
      select: (index) => editing.select(index),
      setGroup: (group) => editing.changeSelected((shape) => ({ ...shape, group })),
      setText: (text) => editing.changeSelected((shape) => (text === '' ? shape : { ...shape, text })),
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
    const keyActions = {
      editing,
      stage: this.#stage,
      add: (kind: NewKind) => this.#add(kind),
      remove: () => this.#remove(),
      save: () => void this.#send('save'),
    };
    document.addEventListener('keydown', (event) => {
      if (!this.#editor.hidden && onKey(event, keyActions)) event.preventDefault();
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
    const view = this.#view;
    const { drawing, isKept } = this.#editing;
    if (!view || view.phase === 'saved' || (action === 'edit' && isKept)) return;
    const { editor, token } = view;
    this.#editing.markKept();
    await this.#calls.send({ action, editor, token, ...(view.phase === 'open' && drawing) });
  }

  #sendLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send('edit'), pause);
  }

  #show(view: OcclusionView): void {
    if (view.report !== this.#view?.report) this.#host.updateContext(view.report);
    const isNewPhase = view.phase !== this.#view?.phase;
    this.#view = view;
    this.#notice.show(view.notice ?? '');
    this.#editor.hidden = view.phase !== 'open';
    if (view.phase === 'open' && view.content) {
      this.#editing.load(view.content);
      this.#stage.showPicture(view.content.picture, view.filename);
    }
    if (isNewPhase || view.phase !== 'open') this.#head.replaceChildren(...headOf(view));
    this.#draw();
    if (isNewPhase && view.phase !== 'open') this.#head.querySelector('h1')?.focus();
  }

  #draw(): void {
    const { scene, selectedShape } = this.#editing;
    this.#stage.show(scene);
    this.#controls.show(scene);
    this.#status.textContent = selectedShape ? descriptionOf(selectedShape) : hint;
    this.#end.replaceChildren(...this.#endButtons());
  }

  #endButtons(): HTMLElement[] {
    const view = this.#view;
    const { shapes } = this.#editing.drawing;
    if (view?.phase === 'cancelled') return [button('Edit again', () => void this.#send('reopen'))];
    if (view?.phase !== 'open') return [];
    const cards = new Set(shapes.map(({ group }) => group).filter((group) => group > 0)).size;
    const what = `${view.note === undefined ? 'Save note' : 'Update note'} with ${counted(cards, 'card')}`;
    return [
      button('Cancel', () => void this.#send('cancel')),
      button(what, () => void this.#send('save'), {
        class: 'primary',
        disabled: cards === 0,
        'aria-keyshortcuts': 'S',
      }),
    ];
  }

  #add(kind: NewKind): void {
    this.#editing.add(kind);
    if (kind === 'text') this.#controls.focusText();
    else this.#stage.focus(this.#editing.scene.selected);
  }

  #remove(): void {
    this.#editing.remove();
    this.#stage.focus(this.#editing.scene.selected);
  }
}

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
  return `${typeof note === 'number' ? `Note ${note}: ` : ''}${outcome}, ${counted(count, 'card')}.`;
}

void connect('occlusion').then((host) => new OcclusionPanel(host).start());
