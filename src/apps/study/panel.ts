import { panelHandle } from '../../contract/panels/index.ts';
import {
  studyTool,
  type StudyAction,
  type StudyRequest,
  type StudyView,
} from '../../contract/panels/study.ts';
import { connect, member, type Host, type ToolResult } from '../shared/bridge.ts';
import { CardFrame } from '../shared/card-frame.ts';
import { h, root } from '../shared/dom.ts';
import { play, soundButtons, stopSounds } from '../shared/sounds.ts';
import { extrasOf, headOf, isStudyView, mainActions, otherActions, type Actions } from './view.ts';

const part = (name: string, role?: string) => h('div', { class: name, role });

/** The study panel. The server keeps the session; the panel shows the last view of it and sends what the user does. */
class StudyPanel {
  readonly #head = h('header');
  readonly #notice = part('notice', 'status');
  readonly #spoken = h('div', { class: 'unseen', 'aria-live': 'polite', 'aria-atomic': 'true' });
  readonly #typed = h('input', {
    id: 'typed',
    dir: 'auto',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  readonly #typing = h('div', { class: 'typing' }, h('label', { for: 'typed' }, 'Your answer'), this.#typed);
  readonly #extras = part('extras');
  readonly #sounds = part('row');
  readonly #main = part('main-actions');
  readonly #others = part('row');
  readonly #comment = h('textarea', { id: 'comment', rows: 2, dir: 'auto', maxlength: 2000 });
  readonly #commenting = h(
    'div',
    { class: 'typing' },
    h('label', { for: 'comment' }, 'What should be changed on this card?'),
    this.#comment,
    h('button', { type: 'button', onclick: () => this.#saveComment() }, 'Save note'),
  );
  readonly #card = new CardFrame({
    onLink: (url) => this.#host?.openLink(url),
    onKey: (key) => this.#onKey(key),
  });
  #host: Host | undefined;
  #view: StudyView | undefined;
  #isBusy = false;

  constructor() {
    root().append(
      this.#head,
      this.#notice,
      this.#spoken,
      this.#card.element,
      this.#typing,
      this.#extras,
      this.#sounds,
      this.#main,
      this.#others,
      this.#commenting,
    );
    this.#hideAll();
    // No forms: hosts may forbid them.
    this.#typed.addEventListener('keydown', ({ key, isComposing }) => {
      if (key === 'Enter' && !isComposing) this.#actions.reveal();
    });
    document.addEventListener('keydown', (event) => this.#onKeyDown(event));
  }

  async start(): Promise<void> {
    const results: ToolResult[] = [];
    let onResult = (result: ToolResult) => void results.push(result);
    this.#host = await connect('study', {
      onResult: (result) => onResult(result),
      onCancelled: () => this.#say('The call was cancelled.'),
      onTheme: () => this.#drawCard(),
    });
    onResult = (result) => void this.#open(result);
    for (const result of results) onResult(result);
  }

  /** Shows the session of a result of the tool `study`. */
  async #open(result: ToolResult): Promise<void> {
    if (result.isError) return this.#say(result.text);
    if (!this.#host?.canCall) return this.#say('This app does not let panels study. Continue in the chat.');
    const session = member(member(result.meta, panelHandle), 'session');
    await this.#call({ action: 'show', ...(typeof session === 'string' && { session }) });
  }

  /** Sends what the user did. One call at a time: what the user does meanwhile is ignored. */
  async #send(action: StudyAction, more: object = {}): Promise<void> {
    if (!this.#view || this.#isBusy) return;
    const { session, version, phase } = this.#view;
    const isNewCard = await this.#call({ action, session, version, ...more });
    const view = this.#view;
    if (isNewCard && (view.phase === 'question' || view.phase === 'answer')) void play(view.card.sounds);
    if (view.phase !== phase || isNewCard) this.#focus();
  }

  /** Calls the server and shows the view that it returns. Returns true if it shows another side or card. */
  async #call(args: StudyRequest): Promise<boolean> {
    const before = this.#view;
    this.#isBusy = true;
    root().setAttribute('aria-busy', 'true');
    try {
      const result = await this.#host?.callTool(studyTool, args);
      if (!result?.isError && isStudyView(result?.data)) this.#show(result.data);
      else await this.#recover(result?.text ?? '', args);
    } catch (error) {
      this.#say(`The call failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#isBusy = false;
      root().removeAttribute('aria-busy');
    }
    return before?.version !== this.#view?.version;
  }

  /** After an error, shows where the session is, because the action may have been carried out. */
  async #recover(error: string, { action, session }: StudyRequest): Promise<void> {
    const result =
      action === 'show' ? undefined : await this.#host?.callTool(studyTool, { action: 'show', session });
    if (result && !result.isError && isStudyView(result.data)) this.#show(result.data);
    this.#say(error || 'The server returned no view.');
  }

  readonly #actions: Actions = {
    reveal: () => void this.#send('reveal', this.#typing.hidden ? {} : { text: this.#typed.value }),
    rate: (rating) => void this.#send('rate', { rating }),
    undo: () => void this.#send('undo'),
    bury: () => void this.#send('bury'),
    flag: (flag) => void this.#send('flag', { flag }),
    comment: () => {
      this.#commenting.hidden = !this.#commenting.hidden;
      if (!this.#commenting.hidden) this.#comment.focus();
    },
    stop: () => void this.#send('stop'),
    explain: undefined,
  };

  #saveComment(): void {
    this.#commenting.hidden = true;
    void this.#send('comment', { text: this.#comment.value });
  }

  #explain(): void {
    const view = this.#view;
    if (!view) return;
    const text =
      view.phase === 'answer'
        ? `Explain this card (${view.card.id}): ${view.question} – ${view.card.text}`
        : `Explain what went wrong. ${view.report}`;
    this.#host?.sendMessage(text).catch((error: unknown) => this.#say(String(error)));
  }

  #show(view: StudyView): void {
    const isOther = view.version !== this.#view?.version;
    if (view.report !== this.#view?.report) this.#host?.updateContext(view.report);
    this.#view = view;
    const actions = { ...this.#actions, explain: this.#host?.canMessage ? () => this.#explain() : undefined };
    this.#say(view.notice ?? '');
    this.#head.replaceChildren(...headOf(view));
    this.#extras.replaceChildren(...extrasOf(view));
    this.#main.replaceChildren(...mainActions(view, actions));
    this.#others.replaceChildren(...otherActions(view, actions));
    this.#typing.hidden = !(view.phase === 'question' && view.asksTyping);
    if (!isOther) return;
    stopSounds();
    this.#typed.value = '';
    this.#comment.value = view.comment ?? '';
    this.#commenting.hidden = true;
    this.#drawCard();
    this.#speak();
  }

  #drawCard(): void {
    const view = this.#view;
    const hasCard = view?.phase === 'question' || view?.phase === 'answer';
    this.#card.element.hidden = !hasCard;
    this.#sounds.replaceChildren(...(hasCard ? soundButtons(view.card.sounds) : []));
    if (hasCard)
      this.#card.show(
        view.card,
        view.phase === 'question' ? 'Question' : 'Answer',
        this.#host?.theme ?? 'light',
      );
  }

  /** Screen readers do not read the frame of the card by themselves. */
  #speak(): void {
    const view = this.#view;
    if (view?.phase === 'question') this.#spoken.textContent = `Question: ${view.card.text}`;
    else if (view?.phase === 'answer') this.#spoken.textContent = `Answer: ${view.card.text}`;
    else this.#spoken.textContent = view?.phase === 'done' ? 'The session is over.' : '';
  }

  #say(notice: string): void {
    this.#notice.textContent = notice;
    this.#notice.hidden = notice === '';
  }

  #hideAll(): void {
    for (const element of [this.#notice, this.#typing, this.#commenting, this.#card.element])
      element.hidden = true;
  }

  /** Moves the focus to what the user does next. */
  #focus(): void {
    if (!this.#typing.hidden) this.#typed.focus();
    else root().querySelector<HTMLElement>('.primary:not([hidden] *)')?.focus();
  }

  #onKeyDown(event: KeyboardEvent): void {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || !(target instanceof Element)) return;
    if (target.matches('input, textarea, select')) return;
    // A key that is held down must not rate one card after the other.
    if (event.repeat) return event.preventDefault();
    if (key === ' ' && target.matches('button')) return;
    if (this.#onKey(key)) event.preventDefault();
  }

  /** Carries out a key. Returns false if it means nothing here. */
  #onKey(key: string): boolean {
    const phase = this.#view?.phase;
    if (key.toLowerCase() === 'u' && this.#view?.canUndo) this.#actions.undo();
    else if (phase === 'answer' && /^[1-4]$/.test(key)) this.#actions.rate(Number(key));
    else if (key === ' ' && phase === 'answer') this.#actions.rate(3);
    else if (key === ' ' && (phase === 'question' || phase === 'stuck')) this.#actions.reveal();
    else return false;
    return true;
  }
}

void new StudyPanel().start();
