import { toRgb, looksSame, type Rgb } from './colour.ts';
import { pixels, windowSize } from './lengths.ts';
import { commonKeywords, properties } from './properties.ts';
import { countSteps } from './steps.ts';

/** Limits of var(): depth of references, and characters of a value. */
const limits = { depth: 16, characters: 2_000 };

/** The declared values of an element, by property. */
export type Declared = ReadonlyMap<string, { readonly value: string }>;

const fontSizes: Readonly<Record<string, number>> = {
  'xx-small': 9,
  'x-small': 10,
  small: 13,
  medium: 16,
  large: 18,
  'x-large': 24,
  'xx-large': 32,
  'xxx-large': 48,
};

const white: Rgb = { r: 255, g: 255, b: 255, a: 1 };

/** The computed style of an element or of the text that CSS adds to it. */
export class Computed {
  readonly #declared: Declared;
  readonly #parent: Computed | undefined;
  readonly #usual: ReadonlyMap<string, string>;
  readonly #values = new Map<string, string>();
  #backdrop: { readonly colour: Rgb | undefined } | undefined;
  readonly #customs = new Map<string, string | undefined>();

  /** `usual` are the values that the element has without any stylesheet. */
  constructor(declared: Declared, parent: Computed | undefined, usual: ReadonlyMap<string, string>) {
    this.#declared = declared;
    this.#parent = parent;
    this.#usual = usual;
  }

  get(property: string): string {
    const computed = this.#values.get(property) ?? this.#compute(property);
    this.#values.set(property, computed);
    return computed;
  }

  #compute(property: string): string {
    const { initial = '', isInherited = false } = properties[property] ?? {};
    const inherited = () => this.#parent?.get(property) ?? initial;
    const unset = () => (isInherited ? inherited() : initial);
    const usual = () => this.#usual.get(property) ?? unset();
    const declared = this.#declared.get(property)?.value;
    if (declared === undefined) return usual();
    const value = this.#substituted(property, declared);
    if (value === undefined) return unset();
    if (!commonKeywords.has(value)) return property === 'font-size' ? this.#fontSize(value) : value;
    if (value === 'inherit') return inherited();
    if (value === 'initial') return initial;
    return value === 'unset' ? unset() : usual();
  }

  /** Returns a value without var(), or undefined if it is invalid. */
  #substituted(property: string, declared: string): string | undefined {
    if (!declared.includes('var(')) return declared;
    const text = this.#withVariables(declared, 0)?.trim();
    if (text === undefined || text === '') return undefined;
    const value = property === 'content' ? text : text.toLowerCase();
    return commonKeywords.has(value) || (properties[property]?.isValid?.(value) ?? true) ? value : undefined;
  }

  #withVariables(value: string, depth: number): string | undefined {
    if (!value.includes('var(')) return value;
    if (depth > limits.depth || value.length > limits.characters) return undefined;
    countSteps(1 + value.length / 50);
    const start = value.indexOf('var(');
    const end = closingParenthesis(value, start + 3);
    const [, name = '', fallback] = /^\s*(--[^\s,]+)\s*(?:,(.*))?$/s.exec(value.slice(start + 4, end)) ?? [];
    const replaced =
      this.#custom(name, depth + 1) ??
      (fallback === undefined ? undefined : this.#withVariables(fallback, depth + 1));
    if (replaced === undefined) return undefined;
    const rest = this.#withVariables(value.slice(end + 1), depth + 1);
    const complete = rest === undefined ? undefined : value.slice(0, start) + replaced + rest;
    return complete === undefined || complete.length > limits.characters ? undefined : complete;
  }

  #custom(name: string, depth: number): string | undefined {
    countSteps(1);
    if (this.#customs.has(name)) return this.#customs.get(name);
    const declared = this.#declared.get(name)?.value;
    if (declared === undefined || declared === 'inherit' || declared === 'unset')
      return this.#parent ? this.#parent.#custom(name, depth) : undefined;
    // A custom property that refers to itself is invalid.
    this.#customs.set(name, undefined);
    const value = declared === 'initial' ? undefined : this.#withVariables(declared, depth);
    this.#customs.set(name, value);
    return value;
  }

  #fontSize(value: string): string {
    const parent = this.#parent?.fontSize ?? 16;
    const relative = value === 'smaller' ? 0.8 : value === 'larger' ? 1.2 : undefined;
    const size =
      relative === undefined
        ? (fontSizes[value] ?? pixels(value, { font: parent, percent: parent }) ?? parent)
        : relative * parent;
    return `${size}px`;
  }

  /** Font size in pixels. */
  get fontSize(): number {
    return Number.parseFloat(this.get('font-size')) || (this.get('font-size') === 'medium' ? 16 : 0);
  }

  /** Returns a length in pixels. Percentages refer to the window. */
  length(property: string): number | undefined {
    const percent = /width|left|right|-x$|indent/.test(property) ? windowSize.width : windowSize.height;
    return pixels(this.get(property), { font: this.fontSize, percent });
  }

  /** The colour behind the text, or undefined if it is not known, as with a picture. */
  get backdrop(): Rgb | undefined {
    this.#backdrop ??= { colour: this.#computeBackdrop() };
    return this.#backdrop.colour;
  }

  #computeBackdrop(): Rgb | undefined {
    if (this.get('background-image') !== 'none' && this.get('background-clip') !== 'text') return undefined;
    const value = this.get('background-color');
    const own = value === 'currentcolor' ? this.textColour : toRgb(value);
    if (own?.a === 1) return own;
    if (own?.a !== 0) return undefined;
    return this.#parent ? this.#parent.backdrop : white;
  }

  /** The colour of the text, or undefined if it is not known. */
  get textColour(): Rgb | undefined {
    const fill = this.get('-webkit-text-fill-color');
    return toRgb(fill === 'currentcolor' ? this.#colour() : fill);
  }

  #colour(): string {
    const colour = this.get('color');
    if (colour !== 'currentcolor') return colour;
    return this.#parent ? this.#parent.#colour() : 'black';
  }

  /** True if the text has the colour of what is behind it, or none. */
  get isTextColourless(): boolean {
    const colour = this.textColour;
    if (!colour || this.#isTextMask) return false;
    if (colour.a <= 0.05) return true;
    const backdrop = this.backdrop;
    return backdrop !== undefined && looksSame(colour, backdrop);
  }

  /** True if the background is drawn in the shape of the text, as for text with a gradient. */
  get #isTextMask(): boolean {
    return (
      this.get('background-clip') === 'text' &&
      (this.get('background-image') !== 'none' || (toRgb(this.get('background-color'))?.a ?? 1) > 0.05)
    );
  }
}

/** Returns the position of the parenthesis that closes the one at `start`, or the end of the text. */
function closingParenthesis(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return text.length;
}
