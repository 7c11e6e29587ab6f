import type { DeckCounts } from '../../contract/panels/overview.ts';
import { h } from '../shared/dom.ts';
import { treeOf, type DeckNode } from './deck-nodes.ts';

/** Maximum number of decks that are all shown at first. Of more decks, only the top level is. */
const maxExpanded = 20;
/** Deeper levels are not indented further. */
const maxIndent = 5;

/** A visible row. */
interface Row {
  readonly node: DeckNode;
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly parent: string | undefined;
}

/** The decks with what is left today, as a treegrid: one row has the focus, arrow keys move it and open and close decks. */
export class DeckTree {
  readonly #body = h('tbody');
  readonly element = h(
    'table',
    { role: 'treegrid', class: 'decks', 'aria-label': 'Decks' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...['Deck', 'New', 'Learning', 'Due'].map((name) => h('th', { scope: 'col' }, name)),
        h('th', { scope: 'col' }, h('span', { class: 'unseen' }, 'Action')),
      ),
    ),
    this.#body,
  );
  readonly #study: ((deck: string) => void) | undefined;
  #roots: readonly DeckNode[] = [];
  #rows: readonly Row[] = [];
  /** Whether decks are open that the user has not opened or closed. */
  #isOpen = true;
  /** The decks that the user has opened or closed. */
  readonly #toggled = new Set<string>();
  #active: string | undefined;

  /** `study` is undefined if the host sends no messages. */
  constructor(study: ((deck: string) => void) | undefined) {
    this.#study = study;
    this.#body.addEventListener('keydown', (event) => {
      const { key, target, ctrlKey, altKey, metaKey } = event;
      if (ctrlKey || altKey || metaKey) return;
      const isRow = target instanceof HTMLTableRowElement;
      if (isRow ? this.#onKey(key) : this.#onButtonKey(key)) event.preventDefault();
    });
  }

  show(decks: readonly DeckCounts[]): void {
    this.#roots = treeOf(decks);
    this.#isOpen = decks.length <= maxExpanded;
    this.#draw(this.#body.contains(document.activeElement));
  }

  #isExpanded = ({ name }: DeckNode): boolean => this.#isOpen !== this.#toggled.has(name);

  #rowsOf(nodes: readonly DeckNode[], level: number, parent?: string): Row[] {
    return nodes.flatMap((node, index) => [
      { node, level, position: index + 1, siblings: nodes.length, parent },
      ...(this.#isExpanded(node) ? this.#rowsOf(node.children, level + 1, node.name) : []),
    ]);
  }

  #draw(hasFocus: boolean): void {
    this.#rows = this.#rowsOf(this.#roots, 1);
    if (!this.#rows.some(({ node }) => node.name === this.#active)) this.#active = this.#rows[0]?.node.name;
    this.#body.replaceChildren(...this.#rows.map((row) => this.#rowElement(row)));
    if (hasFocus) this.#activeElement()?.focus();
  }

  #rowElement({ node, level, position, siblings }: Row): HTMLTableRowElement {
    const { name, label, counts, children } = node;
    const isActive = name === this.#active;
    const row = h(
      'tr',
      {
        tabindex: isActive ? 0 : -1,
        'aria-level': level,
        'aria-posinset': position,
        'aria-setsize': siblings,
        'aria-expanded': children.length > 0 ? String(this.#isExpanded(node)) : undefined,
        onclick: () => this.#toggle(node),
      },
      h('th', { scope: 'row' }, h('bdi', { dir: 'auto' }, label)),
      ...(['new', 'learning', 'due'] as const).map((kind) =>
        h('td', { class: counts[kind] > 0 ? kind : 'faint' }, counts[kind].toLocaleString('en-US')),
      ),
      h('td', {}, this.#studyButton(node, isActive)),
    );
    row.style.setProperty('--level', String(Math.min(level, maxIndent) - 1));
    return row;
  }

  #studyButton({ name, label, counts }: DeckNode, isActive: boolean): HTMLElement | undefined {
    const study = this.#study;
    if (!study || counts.new + counts.learning + counts.due === 0) return undefined;
    const onclick = (event: Event) => {
      event.stopPropagation();
      study(name);
    };
    return h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        tabindex: isActive ? 0 : -1,
        'aria-label': `Study ${label}`,
        onclick,
      },
      'Study',
    );
  }

  #activeElement(): HTMLElement | undefined {
    const row = this.#body.children[this.#rows.findIndex(({ node }) => node.name === this.#active)];
    return row instanceof HTMLElement ? row : undefined;
  }

  #toggle(node: DeckNode): void {
    this.#active = node.name;
    if (node.children.length > 0 && !this.#toggled.delete(node.name)) this.#toggled.add(node.name);
    this.#draw(true);
  }

  #moveTo(name: string | undefined): void {
    if (name === undefined) return;
    this.#active = name;
    this.#draw(true);
  }

  /** Carries out a key on the button of the active row. Returns false if it means nothing here. */
  #onButtonKey(key: string): boolean {
    if (key !== 'ArrowLeft') return false;
    this.#activeElement()?.focus();
    return true;
  }

  /** Carries out a key on the active row. Returns false if it means nothing here. */
  #onKey(key: string): boolean {
    const at = this.#rows.findIndex(({ node }) => node.name === this.#active);
    const row = this.#rows[at];
    if (!row) return false;
    const { node, parent } = row;
    const isExpanded = this.#isExpanded(node);
    const nameAt = (index: number) => this.#rows[index]?.node.name;
    if (key === 'ArrowDown') this.#moveTo(nameAt(at + 1));
    else if (key === 'ArrowUp') this.#moveTo(at > 0 ? nameAt(at - 1) : undefined);
    else if (key === 'Home') this.#moveTo(nameAt(0));
    else if (key === 'End') this.#moveTo(nameAt(this.#rows.length - 1));
    else if (key === 'ArrowRight' && node.children.length > 0)
      if (isExpanded) this.#moveTo(node.children[0]?.name);
      else this.#toggle(node);
    else if (key === 'ArrowLeft')
      if (isExpanded && node.children.length > 0) this.#toggle(node);
      else this.#moveTo(parent);
    else if (key === 'Enter') this.#activeElement()?.querySelector('button')?.click();
    else if (key === ' ') this.#toggle(node);
    else return false;
    return true;
  }
}
