import { panelHandle } from '../../contract/panels/index.ts';
import {
  studyTool,
  type StudyAction,
  type StudyReply,
  type StudyRequest,
  type StudyView,
} from '../../contract/panels/study.ts';
import { connect, member, type Host, type ToolResult } from '../shared/bridge.ts';
import { CardFrame } from '../shared/card-frame.ts';
import { button, h, root } from '../shared/dom.ts';
import { Notice } from '../shared/notice.ts';
import { onVoices, play, soundButtons, stopSounds } from '../shared/sounds.ts';
import { ViewCalls } from '../shared/view-calls.ts';
import {
  completed,
  extrasOf,
  headOf,
  isStudyReply,
  mainActions,
  otherActions,
  type Actions,
} from './view.ts';

const part = (name: string) => h('div', { class: name });

/** The study panel. The server keeps the session; the panel shows the last view of it and sends what the user does. */
class StudyPanel {
  readonly #head = h('header');
  readonly #notice = new Notice();
  readonly #spoken = h('div', { class: 'unseen', 'aria-live': 'polite', 'aria-atomic': 'true' });
  readonly #typed = h('input', {
    id: 'typed',
    dir: 'auto',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  readonly #typing = h(
    'div',
    { class: 'typing', hidden: true },
    h('label', { for: 'typed' }, 'Your answer'),
    this.#typed,
  );
  readonly #extras = part('extras');
  readonly #sounds = part('row');
  readonly #main = part('main-actions');
  readonly #others = part('row');
  readonly #comment = h('textarea', { id: 'comment', rows: 2, dir: 'auto', maxlength: 2000 });
  readonly #commenting = h(
    'div',
    { class: 'typing', hidden: true },
    h('label', { for: 'comment' }, 'What should be changed on this card?'),
    this.#comment,
    button('Save note', () => this.#saveComment()),
  );
  readonly #card = new CardFrame({
    onLink: (url) => this.#host.openLink(url),
    onKey: (key) => this.#onKey(key),
  });
  readonly #host: Host;
  readonly #calls: ViewCalls<StudyRequest, StudyReply>;
  #view: StudyView | undefined;

  constructor(host: Host) {
    this.#host = host;
    this.#calls = new ViewCalls({
      host,
      tool: studyTool,
      isView: isStudyReply,
      show: (reply) => this.#show(completed(reply, this.#view)),
      showAgain: ({ session }) => ({ action: 'show', session }),
      notice: this.#notice,
    });
    root().append(
      this.#head,
      this.#notice.element,
      this.#spoken,
      this.#card.element,
      this.#typing,
      this.#extras,
      this.#sounds,
      this.#main,
      this.#others,
      this.#commenting,
    );
    this.#card.element.hidden = true;
    // No forms: hosts may forbid them.
    this.#typed.addEventListener('keydown', ({ key, isComposing }) => {
      if (key === 'Enter' && !isComposing) this.#actions.reveal();
    });
    document.addEventListener('keydown', (event) => this.#onKeyDown(event));
  }

  start(): void {
    this.#host.listen({
      onResult: (result) => void this.#open(result),
      onCancelled: () => this.#notice.show('The call was cancelled.'),
      onTheme: () => this.#drawCard(),
    });
    onVoices(() => this.#drawCard());
  }

  /** Shows the session of a result of the tool `study`. */
  async #open(result: ToolResult): Promise<void> {
    if (result.isError) return this.#notice.show(result.text);
    if (!this.#host.canCall)
      return this.#notice.show('This app does not let panels study. Continue in the chat.');
    const session = member(member(result.meta, panelHandle), 'session');
    await this.#calls.send({ action: 'show', ...(typeof session === 'string' && { session }) });
  }

  /** Sends what the user did. One call at a time: what the user does meanwhile is ignored. */
  async #send(action: StudyAction, more: object = {}): Promise<void> {
    if (!this.#view || this.#calls.isBusy) return;
    const { session, version, phase } = this.#view;
    const heard = phase === 'question' ? this.#view.card.sounds.map((sound) => JSON.stringify(sound)) : [];
    await this.#calls.send({ action, session, version, ...more });
    const view = this.#view;
    const isNewCard = view.version !== version;
    if (isNewCard && view.phase === 'question') void play(view.card.sounds);
    // As in Anki, the answer does not play the sounds of the question again.
    if (isNewCard && view.phase === 'answer')
      void play(view.card.sounds.filter((sound) => !heard.includes(JSON.stringify(sound))));
    if (view.phase !== phase || isNewCard) this.#focus();
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
    this.#host.sendMessage(text).catch((error: unknown) => this.#notice.show(String(error)));
  }

  #show(view: StudyView | undefined): void {
    if (!view) return;
    const isOther = view.version !== this.#view?.version;
    if (view.report !== this.#view?.report) this.#host.updateContext(view.report);
    this.#view = view;
    const actions = { ...this.#actions, explain: this.#host.canMessage ? () => this.#explain() : undefined };
    this.#notice.show(view.notice ?? '');
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
      this.#card.show(view.card, view.phase === 'question' ? 'Question' : 'Answer', this.#host.theme);
  }

  /** Screen readers do not read the frame of the card by themselves. */
  #speak(): void {
    const view = this.#view;
    if (view?.phase === 'question') this.#spoken.textContent = `Question: ${view.card.text}`;
    else if (view?.phase === 'answer') this.#spoken.textContent = `Answer: ${view.card.text}`;
    else this.#spoken.textContent = view?.phase === 'done' ? 'The session is over.' : '';
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

void connect('study').then((host) => new StudyPanel(host).start());
