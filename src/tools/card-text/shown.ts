import type { Element } from 'domhandler';

/**
 * How much of an element a person sees: nothing; only descendants that are made visible again; pictures and controls
 * without text; or all.
 */
export type Shown = 'nothing' | 'descendants' | 'pictures' | 'all';

/** The parts of a computed style that change the text of a page. */
export interface ShownStyle {
  readonly shown: Shown;
  readonly display: string;
  /** What is kept of white space: nothing, line breaks, or all. */
  readonly whiteSpace: 'collapsed' | 'lines' | 'all';
  /** The list-style-type, or an empty string for the usual one. */
  readonly listType: string;
}

/** Text that CSS adds before or after the content of an element. */
export interface Generated {
  readonly style: ShownStyle;
  readonly text: string;
}

export interface Styles {
  /** Returns the style of an element. The one of its parent must have been requested before. */
  of(element: Element): ShownStyle;
  generated(element: Element, position: 'before' | 'after'): Generated | undefined;
}

const displays = new Map<string, string>([
  ...listed(
    'block',
    'address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend listing main menu nav ol optgroup option p plaintext pre search section summary ul xmp',
  ),
  ...listed(
    'none',
    'annotation annotation-xml area base basefont datalist head link meta noembed noframes noscript param rp script source style template title track',
  ),
  ...listed('table-row-group', 'tbody thead tfoot'),
  ...listed('table-cell', 'td th'),
  ['li', 'list-item'],
  ['table', 'table'],
  ['tr', 'table-row'],
  ['caption', 'table-caption'],
]);

function listed(display: string, names: string): [string, string][] {
  return names.split(' ').map((name) => [name, display]);
}

/** Returns the display of an element without any stylesheet. */
export function usualDisplay({ name, attribs }: Element): string {
  if (attribs['hidden'] !== undefined || attribs['popover'] !== undefined) return 'none';
  if (name === 'dialog' && attribs['open'] === undefined) return 'none';
  return displays.get(name) ?? 'inline';
}

/** Returns the display of an element by its name alone. */
export const displayOfName = (name: string): string => displays.get(name) ?? 'inline';

const isHidden = (style = ''): boolean => /\b(display\s*:\s*none|visibility\s*:\s*hidden)\b/i.test(style);

/** Styles of a field, which has no stylesheet. */
export const fieldStyles: Styles = {
  of(element) {
    const usual = usualDisplay(element);
    const display = isHidden(element.attribs['style']) ? 'none' : usual;
    return {
      shown: display === 'none' ? 'nothing' : 'all',
      display,
      whiteSpace: isPreformatted(element) ? 'all' : 'collapsed',
      listType: '',
    };
  },
  generated: () => undefined,
};

function isPreformatted(element: Element): boolean {
  for (let at: Element['parent'] = element; at && 'name' in at; at = at.parent)
    if (at.name === 'pre') return true;
  return false;
}
