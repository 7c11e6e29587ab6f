import type { DraftView } from '../../contract/panels/review.ts';
import { button, h } from '../shared/dom.ts';

/** What the user changed on a draft. */
export interface Edits {
  readonly fields?: Readonly<Record<string, string>>;
  readonly tags?: string;
  readonly deckName?: string;
}

/** Text boxes for the fields and tags of a draft. No form element: hosts may forbid forms. */
export class EditForm {
  readonly element = h('div', { class: 'form' });
  readonly #fields = new Map<string, HTMLTextAreaElement>();
  readonly #tags = h('input', { autocomplete: 'off', spellcheck: false });

  readonly #save: () => void;
  readonly #cancel: () => void;

  constructor(save: (edits: Edits) => void, cancel: () => void) {
    this.element.hidden = true;
    this.#cancel = cancel;
    this.#save = () => {
      const fields = [...this.#fields].map(([name, { value }]) => [name, value] as const);
      save({ fields: Object.fromEntries(fields), tags: this.#tags.value });
    };
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') cancel();
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#save();
    });
  }

  open({ fields, tags }: DraftView): void {
    this.#fields.clear();
    this.#tags.value = tags;
    const boxes = fields.map(({ name, html }) => {
      const box = h('textarea', { rows: Math.min(6, 1 + Math.floor(html.length / 60)), dir: 'auto' });
      box.value = html;
      this.#fields.set(name, box);
      return h('label', {}, name, box);
    });
    this.element.replaceChildren(
      ...boxes,
      h('label', {}, 'Tags', this.#tags),
      h(
        'div',
        { class: 'row' },
        button('Keep changes', this.#save, { 'aria-keyshortcuts': 'Control+Enter' }),
        button('Cancel', this.#cancel, { 'aria-keyshortcuts': 'Escape' }),
      ),
    );
    this.element.hidden = false;
    (boxes[0]?.querySelector('textarea') ?? this.#tags).focus();
  }
}
