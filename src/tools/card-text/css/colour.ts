import { colord, extend } from 'colord';
import namesPlugin from 'colord/plugins/names';

extend([namesPlugin]);

export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly a: number;
}

/** A colour that is valid but not evaluated, as in color-mix(). */
const isFunction = (value: string): boolean =>
  /^(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark|device-cmyk)\(.*\)$/.test(value);

const systemColours: Readonly<Record<string, string>> = {
  canvas: 'white',
  canvastext: 'black',
  field: 'white',
  fieldtext: 'black',
  linktext: '#0000ee',
  graytext: '#808080',
  buttonface: '#efefef',
  buttontext: 'black',
  highlight: '#b5d5ff',
  highlighttext: 'black',
  mark: 'yellow',
  marktext: 'black',
};

/** Returns true if browsers accept this color value. */
export const isColour = (value: string): boolean =>
  value === 'currentcolor' ||
  Object.hasOwn(systemColours, value) ||
  colord(value).isValid() ||
  isFunction(value);

/** Returns the components of a colour, or undefined if they are not known. */
export function toRgb(value: string): Rgb | undefined {
  const colour = colord(systemColours[value] ?? value);
  if (colour.isValid()) return colour.toRgb();
  return /\/\s*(?:0*\.?0+%?)\s*\)$/.test(value) ? { r: 0, g: 0, b: 0, a: 0 } : undefined;
}

/** Largest difference of a component between two colours that a person does not notice. */
const tolerance = 8;

export const looksSame = (one: Rgb, other: Rgb): boolean =>
  Math.max(Math.abs(one.r - other.r), Math.abs(one.g - other.g), Math.abs(one.b - other.b)) <= tolerance;
