import { h } from './dom.ts';

/** A sentence about what went wrong or changed. It is hidden while it is empty. */
export class Notice {
  readonly element = h('div', { class: 'notice', role: 'status', hidden: true });

  show(text: string): void {
    this.element.textContent = text;
    this.element.hidden = text === '';
  }
}

/** Returns the message of an error, or of whatever else was thrown, as text. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
