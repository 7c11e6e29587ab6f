type Properties = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>;

/**
 * Creates an element. Texts become text nodes, never HTML. A property whose name begins with "on" is an event listener;
 * true sets an attribute without a value; false and undefined leave it out.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly (Node | string | undefined)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Creates a button. */
export const button = (label: string, action: () => void, more: Properties = {}): HTMLButtonElement =>
  h('button', { type: 'button', onclick: action, ...more }, label);

/** Returns the element of the shell that contains the panel. */
export function root(): HTMLElement {
  const found = document.getElementById('panel');
  if (!found) throw new Error('the page has no element with the id "panel"');
  return found;
}
