const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);

const choice = (signs: string): string =>
  signs
    .replaceAll(/(.)-(.)/gsu, (range, from: string, to: string) => (from > to ? '' : range))
    .replaceAll(/[\\\][^]/g, String.raw`\$&`);

/** What stands between two stars: `?`, `[a-c]`, `[!x]` and plain signs. */
const piece = (text: string): string =>
  text.replaceAll(/\[(!?)(\]|\]?[^\]]+)\]|[^]/gu, (sign, not: string, signs: string | undefined) => {
    if (signs !== undefined) return `[${not && '^'}${choice(signs)}]`;
    return sign === '?' ? '.' : literal(sign);
  });

/** A shell pattern for names of one folder, as Python's glob reads it: a star finds no hidden file. */
export function glob(pattern: string): (name: string) => boolean {
  const [first = '', ...rest] = pattern.split(/\*+/).map(piece);
  const last = rest.pop();
  // A look-ahead is never tried again, so that no pattern takes longer than its signs.
  const middle = rest.map((text, index) => `(?=(.*?${text}))\\${index + 1}`).join('');
  const whole = new RegExp(last === undefined ? `^${first}$` : `^${first}${middle}.*${last}$`, 'su');
  return (name) => whole.test(name) && (pattern.startsWith('.') || !name.startsWith('.'));
}
