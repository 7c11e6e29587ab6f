import { panelHandle } from '../../contract/panels/index.ts';
import {
  reviewTool,
  type OpenReview,
  type ReviewAction,
  type ReviewRequest,
  type ReviewView,
  type SavedReview,
} from '../../contract/panels/review.ts';
import { connect, member, type Host, type ToolResult } from '../shared/bridge.ts';
import { counted } from '../shared/counted.ts';
import { button, h, root } from '../shared/dom.ts';
import { Notice } from '../shared/notice.ts';
import { onVoices } from '../shared/sounds.ts';
import { ViewCalls } from '../shared/view-calls.ts';
import { DraftCard, outcomeName } from './draft-card.ts';

/** Number of drafts that a page of the server has. */
const slots = 10;

/** Returns true for a view. Our own server made it, so that only its kind is checked. */
const isView = (data: unknown): data is ReviewView =>
  typeof member(data, 'review') === 'string' && ['open', 'saved'].includes(String(member(data, 'phase')));

/** The review panel. The server keeps the drafts; the panel shows the last view of them and sends what the user does. */
class ReviewPanel {
  readonly #head = h('header');
  readonly #notice = new Notice();
  readonly #list = h('div', { class: 'drafts' });
  readonly #pages = h('div', { class: 'row' });
  readonly #end = h('div', { class: 'row' });
  readonly #drafts: readonly DraftCard[];
  readonly #host: Host;
  readonly #calls: ViewCalls<ReviewRequest, ReviewView>;
  #view: ReviewView | undefined;

  constructor(host: Host) {
    this.#host = host;
    this.#calls = new ViewCalls({
      host,
      tool: reviewTool,
      isView,
      show: (view) => this.#show(view),
      showAgain: ({ review, page }) => ({ action: 'show', review, page }),
      notice: this.#notice,
    });
    this.#drafts = Array.from(
      { length: slots },
      (_, slot) =>
        new DraftCard(slot, {
          decide: (index, decision) => void this.#send('decide', { index, decision }),
          edit: (index, edits) => void this.#send('edit', { index, ...edits }),
          duplicate: (index, onDuplicate) => void this.#send('duplicate', { index, onDuplicate }),
          openLink: (url) => host.openLink(url),
          key: (key, place) => void this.#onKey(key, place),
        }),
    );
    root().append(this.#head, this.#notice.element, this.#list, this.#pages, this.#end);
    document.addEventListener('keydown', (event) => this.#onKeyDown(event));
  }

  start(): void {
    this.#host.listen({
      onResult: (result) => void this.#open(result),
      onCancelled: () => this.#notice.show('The call was cancelled.'),
      onTheme: () => this.#drawDrafts(),
    });
    onVoices(() => this.#drawDrafts());
  }

  /** Shows the review of a result. A result without one is that of a call that needed no approval. */
  async #open(result: ToolResult): Promise<void> {
    if (result.isError) return this.#notice.show(result.text);
    const review = member(member(result.meta, panelHandle), 'review');
    if (typeof review !== 'string') return this.#notice.show(countsOf(member(result.data, 'result')));
    if (!this.#host.canCall)
      return this.#notice.show('This app does not let panels save notes. Continue in the chat.');
    await this.#calls.send({ action: 'show', review });
  }

  /** Sends what the user did. One call at a time: what the user does meanwhile is ignored. */
  async #send(action: ReviewAction, more: Partial<ReviewRequest> = {}): Promise<void> {
    const view = this.#view;
    if (view?.phase !== 'open' || this.#calls.isBusy) return;
    const { review, token, page } = view;
    await this.#calls.send({ action, review, page, ...(action !== 'show' && { token }), ...more });
  }

  #show(view: ReviewView): void {
    if (view.report !== this.#view?.report) this.#host.updateContext(view.report);
    const focus = focusOf();
    const isOtherPage =
      view.phase === 'open' && this.#view?.phase === 'open' && view.page !== this.#view.page;
    this.#view = view;
    this.#notice.show(view.notice ?? '');
    this.#head.replaceChildren(...headOf(view));
    this.#drawDrafts();
    this.#pages.replaceChildren(...(view.phase === 'open' ? this.#pagesOf(view) : []));
    this.#end.replaceChildren(...(view.phase === 'open' ? this.#endOf(view) : []));
    if (isOtherPage) this.#drafts[0]?.element.focus();
    else restore(focus);
  }

  #drawDrafts(): void {
    const view = this.#view;
    const [drafts, decks] = view?.phase === 'open' ? [view.drafts, view.decks] : [[], []];
    for (const [slot, place] of this.#drafts.entries()) {
      place.show(drafts[slot], decks, this.#host.theme);
      // Each frame of a page costs time before the first paint, also a hidden one.
      if (drafts[slot] && !place.element.isConnected) this.#list.append(place.element);
    }
  }

  #pagesOf({ page, pages }: OpenReview): HTMLElement[] {
    if (pages === 1) return [];
    const turn = (by: number) => () => this.#turnPage(by);
    return [
      button('Previous page', turn(-1), { disabled: page === 0, 'data-key': 'P', 'aria-keyshortcuts': 'P' }),
      h('span', { class: 'faint' }, `Page ${page + 1} of ${pages}`),
      button('Next page', turn(1), {
        disabled: page === pages - 1,
        'data-key': 'N',
        'aria-keyshortcuts': 'N',
      }),
    ];
  }

  #turnPage(by: number): void {
    const view = this.#view;
    if (view?.phase !== 'open') return;
    const page = view.page + by;
    if (page >= 0 && page < view.pages) void this.#send('show', { page });
  }

  #endOf({ counts: { accepted, open } }: OpenReview): HTMLElement[] {
    const notes = counted(accepted, 'note');
    return [
      button('Accept all', () => void this.#send('acceptAll'), { 'data-key': 'all', disabled: open === 0 }),
      button(`Save ${notes}`, () => void this.#send('save'), {
        class: 'primary',
        disabled: accepted === 0,
        'data-key': 'S',
        'aria-keyshortcuts': 'S',
      }),
    ];
  }

  #onKeyDown(event: KeyboardEvent): void {
    const { target, key, ctrlKey, metaKey, altKey, repeat } = event;
    if (ctrlKey || metaKey || altKey || repeat || !(target instanceof Element)) return;
    if (target.matches('input, textarea, select')) return;
    const slot = this.#drafts.findIndex(({ element }) => element.contains(target));
    if (this.#onKey(key, slot)) event.preventDefault();
  }

  /** Carries out a key for the draft that has the focus. Returns false if it means nothing here. */
  #onKey(key: string, slot: number): boolean {
    const place = this.#drafts[slot];
    const draft = place?.draft;
    const name = key.toLowerCase();
    if (name === 'arrowdown' || name === 'j') this.#focusDraft(slot + 1);
    else if (name === 'arrowup' || name === 'k') this.#focusDraft(slot - 1);
    else if (name === 'n') this.#turnPage(1);
    else if (name === 'p') this.#turnPage(-1);
    else if (name === 's') void this.#send('save');
    else if (!place || !draft) return false;
    else if (name === 'a') void this.#decideAndGoOn(slot, draft.index, 'accepted');
    else if (name === 'r') void this.#decideAndGoOn(slot, draft.index, 'rejected');
    else if (name === 'e') place.openForm();
    else if (name === 'q') place.turn();
    else return false;
    return true;
  }

  /** By keyboard, the next draft gets the focus after a decision. */
  async #decideAndGoOn(slot: number, index: number, decision: 'accepted' | 'rejected'): Promise<void> {
    if (this.#calls.isBusy) return;
    await this.#send('decide', { index, decision });
    if (this.#drafts[slot]?.draft?.decision === decision) this.#focusDraft(slot + 1);
  }

  #focusDraft(slot: number): void {
    const shown = this.#drafts.filter(({ draft }) => draft);
    shown[Math.min(Math.max(slot, 0), shown.length - 1)]?.element.focus();
  }
}

/** Returns where the focus is: the name of a control, and the draft that it belongs to. */
function focusOf(): { readonly key: string | undefined; readonly draft: Element | null } | undefined {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !root().contains(active)) return undefined;
  return { key: active.dataset['key'], draft: active.closest('.draft') };
}

/** Puts the focus where it was before the page was drawn again, or as near as possible. */
function restore(focus: ReturnType<typeof focusOf>): void {
  if (!focus || root().contains(document.activeElement)) return;
  const { key, draft } = focus;
  const same = (draft ?? root()).querySelector<HTMLElement>(`[data-key="${key}"]:not(:disabled)`);
  const near = draft instanceof HTMLElement && !draft.hidden ? draft : root().querySelector('h1');
  (same ?? near)?.focus();
}

function headOf(view: ReviewView): HTMLElement[] {
  const title = (text: string) => h('h1', { tabindex: -1 }, text);
  if (view.phase === 'saved') return [title('Saved'), ...savedOf(view)];
  const { accepted, rejected, open } = view.counts;
  return [
    title(`${counted(view.total, 'draft')} to review`),
    h('p', { class: 'faint' }, `${accepted} accepted · ${rejected} rejected · ${open} not decided`),
    h('p', { class: 'faint' }, 'Keys: A accept, R reject, E edit, Q other side, ↑ ↓ draft, N P page, S save'),
  ];
}

const savedOf = ({ outcomes, problems }: SavedReview): HTMLElement[] => [
  h('p', {}, outcomes.map(({ name, count }) => `${counted(count, 'note')} ${outcomeName(name)}`).join(', ')),
  ...(problems.length > 0
    ? [h('ul', {}, ...problems.map(({ label, why }) => h('li', {}, `${label}: ${why}`)))]
    : []),
];

/** Returns what a call did that needed no approval. */
function countsOf(result: unknown): string {
  const names = ['created', 'updated', 'unchanged', 'alreadyThere', 'invalid', 'failed', 'unknown'];
  const counts = names.flatMap((name) => {
    const count = member(result, name);
    return typeof count === 'number' && count > 0 ? [`${count} ${name}`] : [];
  });
  return counts.length > 0 ? `Notes: ${counts.join(', ')}.` : 'There is nothing to review.';
}

void connect('review').then((host) => new ReviewPanel(host).start());
