import type { CardSides, Decision, DraftView, OnDuplicate } from '../../contract/panels/review.ts';
import { CardFrame } from '../shared/card-frame.ts';
import { button, h } from '../shared/dom.ts';
import { soundButtons } from '../shared/sounds.ts';
import { EditForm, type Edits } from './edit-form.ts';

/** What the user can do with a draft. */
export interface DraftActions {
  readonly decide: (index: number, decision: Decision) => void;
  readonly edit: (index: number, edits: Edits) => void;
  readonly duplicate: (index: number, onDuplicate: OnDuplicate) => void;
  readonly openLink: (url: string) => void;
  /** A key that means something to the page. */
  readonly key: (key: string, slot: number) => void;
}

const decisions: Readonly<Record<Decision, string>> = {
  open: 'not decided',
  accepted: 'accepted',
  rejected: 'rejected',
};

const outcomes: Readonly<Record<string, string>> = {
  alreadyThere: 'already in Anki',
  twiceInCall: 'twice among the drafts',
  invalid: 'cannot be saved',
};

/** Returns the words for an outcome. */
export const outcomeName = (outcome: string): string => outcomes[outcome] ?? outcome;

const duplicateChoices: readonly (readonly [OnDuplicate, string])[] = [
  ['skip', 'Keep the existing note only'],
  ['update', 'Update the existing note'],
  ['add', 'Add this note as well'],
];

/** One place of the page, which shows one draft after the other. */
export class DraftCard {
  readonly element = h('section', { class: 'draft', tabindex: -1 });
  readonly #title = h('h2');
  readonly #remarks = h('div');
  readonly #frame: CardFrame;
  readonly #existing: CardFrame;
  readonly #draftTitle = h('h3', {}, 'This draft');
  readonly #existingTitle = h('h3');
  readonly #existingSide: HTMLElement;
  readonly #sides = h('div', { class: 'sides' });
  readonly #sounds = h('div', { class: 'row' });
  readonly #buttons = h('div', { class: 'row' });
  readonly #choices = h('div', { class: 'row' });
  readonly #form: EditForm;
  readonly #actions: DraftActions;
  #draft: DraftView | undefined;
  #theme: 'light' | 'dark' = 'light';
  #card = 0;
  #side: 'question' | 'answer' = 'answer';

  constructor(slot: number, actions: DraftActions) {
    const listeners = { onLink: actions.openLink, onKey: (key: string) => actions.key(key, slot) };
    this.#actions = actions;
    this.#frame = new CardFrame(listeners);
    this.#existing = new CardFrame(listeners);
    this.#existingSide = h('div', {}, this.#existingTitle, this.#existing.element);
    this.#form = new EditForm(
      (edits) => {
        if (this.#draft) actions.edit(this.#draft.index, edits);
        this.closeForm();
      },
      () => this.closeForm(),
    );
    const title = `draft-${slot}`;
    this.#title.id = title;
    this.element.setAttribute('aria-labelledby', title);
    this.#sides.append(h('div', {}, this.#draftTitle, this.#frame.element));
    this.element.append(
      this.#title,
      this.#remarks,
      this.#sides,
      this.#sounds,
      this.#buttons,
      this.#choices,
      this.#form.element,
    );
  }

  get draft(): DraftView | undefined {
    return this.#draft;
  }

  get isEditing(): boolean {
    return !this.#form.element.hidden;
  }

  /** Shows a draft; undefined hides the place. */
  show(draft: DraftView | undefined, decks: readonly string[], theme: 'light' | 'dark'): void {
    this.element.hidden = !draft;
    if (draft?.index !== this.#draft?.index) {
      [this.#card, this.#side] = [0, 'answer'];
      this.#form.element.hidden = true;
    }
    this.#draft = draft;
    this.#theme = theme;
    if (!draft) return;
    if (this.#card >= draft.cards.length) this.#card = 0;
    const { label, noteType, decision, outcome, canSave, edited } = draft;
    const effect = outcome === 'updated' ? 'changes a note · ' : canSave ? '' : `${outcomeName(outcome)} · `;
    const state = `${effect}${decisions[decision]}`;
    this.element.className = `draft ${decision}`;
    this.#title.replaceChildren(
      `Note ${draft.index + 1}`,
      h(
        'span',
        { class: 'faint' },
        ` ${label} · ${noteType} · ${state}${edited.length > 0 ? ' · edited' : ''}`,
      ),
    );
    this.#remarks.replaceChildren(...remarksOf(draft));
    if (draft.existing && !this.#existingSide.parentNode) this.#sides.append(this.#existingSide);
    this.#existingSide.hidden = !draft.existing;
    this.#draftTitle.hidden = !draft.existing;
    this.#drawCards();
    this.#drawButtons();
    this.#choices.replaceChildren(...this.#choicesOf(draft, decks));
  }

  /** Shows the other side of the card. */
  turn(): void {
    this.#side = this.#side === 'answer' ? 'question' : 'answer';
    this.#drawCards();
    this.#drawButtons();
  }

  openForm(): void {
    if (this.#draft) this.#form.open(this.#draft);
  }

  closeForm(): void {
    this.#form.element.hidden = true;
    this.element.focus();
  }

  #drawCards(): void {
    const draft = this.#draft;
    if (!draft) return;
    const { label, cards, existing } = draft;
    show(this.#frame, cards[this.#card], this.#side, `Draft ${label}`, this.#theme);
    this.#sounds.replaceChildren(...soundButtons(cards[this.#card]?.[this.#side].sounds ?? []));
    if (!existing) return;
    this.#existingTitle.textContent = `In Anki${existing.deck === undefined ? '' : `, ${existing.deck}`} (note ${existing.id}, ${existing.noteType})`;
    show(this.#existing, existing.cards[0], this.#side, `Existing note of ${label}`, this.#theme);
  }

  #drawButtons(): void {
    const draft = this.#draft;
    if (!draft) return;
    const { index, decision, cards, canSave, label } = draft;
    const { decide } = this.#actions;
    const toggle = (wanted: Decision, name: string, key: string, isPossible: boolean) =>
      button(name, () => decide(index, decision === wanted ? 'open' : wanted), {
        'data-key': key,
        'aria-keyshortcuts': key,
        'aria-pressed': String(decision === wanted),
        'aria-label': `${name} ${label}`,
        disabled: !isPossible,
      });
    const quiet = (name: string, key: string, action: () => void) =>
      button(name, action, { class: 'quiet', 'data-key': key });
    const next = () => {
      this.#card = (this.#card + 1) % cards.length;
      this.#drawCards();
      this.#drawButtons();
    };
    const focused = this.#buttons.contains(document.activeElement) ? document.activeElement : undefined;
    const key = focused instanceof HTMLElement ? focused.dataset['key'] : undefined;
    this.#buttons.replaceChildren(
      // A twin of a rejected draft can be accepted; the server checks it again.
      toggle('accepted', 'Accept', 'A', canSave || draft.outcome === 'twiceInCall'),
      toggle('rejected', 'Reject', 'R', true),
      quiet('Edit', 'E', () => this.openForm()),
      quiet(this.#side === 'answer' ? 'Show question' : 'Show answer', 'Q', () => this.turn()),
      ...(cards.length > 1 ? [quiet(`Card ${this.#card + 1} of ${cards.length}`, 'C', next)] : []),
    );
    if (key !== undefined) this.#buttons.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus();
  }

  #choicesOf({ index, deck, existing, onDuplicate, outcome, label }: DraftView, decks: readonly string[]) {
    const choice = (
      name: string,
      options: readonly (readonly [string, string])[],
      chosen: string,
      choose: (value: string) => void,
    ) => {
      const select = h(
        'select',
        { 'aria-label': `${name} of ${label}`, 'data-key': name, onchange: () => choose(select.value) },
        ...options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
      );
      return h('label', { class: 'choice' }, name, select);
    };
    const names = deck === undefined || decks.includes(deck) ? decks : [deck, ...decks];
    const isDuplicate = existing !== undefined && (outcome === 'alreadyThere' || onDuplicate !== 'skip');
    return [
      ...(deck === undefined
        ? []
        : [
            choice(
              'Deck',
              names.map((name) => [name, name] as const),
              deck,
              (deckName) => this.#actions.edit(index, { deckName }),
            ),
          ]),
      ...(isDuplicate || onDuplicate === 'add'
        ? [
            choice('This note exists', duplicateChoices, onDuplicate, (value) => {
              const [chosen] = duplicateChoices.find(([name]) => name === value) ?? [];
              if (chosen) this.#actions.duplicate(index, chosen);
            }),
          ]
        : []),
    ];
  }
}

function show(
  frame: CardFrame,
  card: CardSides | undefined,
  side: 'question' | 'answer',
  title: string,
  theme: 'light' | 'dark',
): void {
  frame.element.hidden = !card;
  if (card) frame.show(card[side], `${title}, ${side}`, theme);
}

const remarksOf = ({ why, warnings, edited }: DraftView): HTMLElement[] => [
  ...(why === undefined ? [] : [h('p', { class: 'notice' }, why)]),
  ...(warnings.length > 0
    ? [h('ul', { 'aria-label': 'Warnings' }, ...warnings.map((warning) => h('li', {}, warning)))]
    : []),
  ...(edited.length > 0 ? [h('p', { class: 'faint' }, `You edited ${edited.join(', ')}.`)] : []),
];
