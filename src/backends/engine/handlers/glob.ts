const literal = (sign: string): string => sign.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);

const choice = (signs: string): string =>
  signs
    .replaceAll(/(.)-(.)/gsu, (range, from: string, to: string) => (from > to ? '' : range))
    .replaceAll(/[\\\][^]/g, String.raw`\$&`);

/** The regular expressions of what stands between the stars: `?`, `[a-c]`, `[!x]` and plain signs. */
function between(pattern: string): string[] {
  const pieces = [''];
  for (const [sign, not, signs] of pattern.matchAll(/\[(!|(?!!))(\]?[^\]]+|\])\]|\*+|[^]/gu)) {
    if (sign.startsWith('*')) pieces.push('');
    else if (signs !== undefined) pieces.push(`${pieces.pop()}[${not && '^'}${choice(signs)}]`);
    else pieces.push(`${pieces.pop()}${sign === '?' ? '.' : literal(sign)}`);
  }
  return pieces;
}

/** A shell pattern for names of one folder, as Python's glob reads it: a star finds no hidden file. */
export function glob(pattern: string): (name: string) => boolean {
  const [first = '', ...rest] = between(pattern);
  const last = rest.pop();
  // A look-ahead is never tried again, so that no pattern takes longer than its signs.
  const middle = rest.map((piece, index) => `(?=(.*?${piece}))\\${index + 1}`).join('');
  const whole = new RegExp(last === undefined ? `^${first}$` : `^${first}${middle}.*${last}$`, 'su');
  return (name) => whole.test(name) && (pattern.startsWith('.') || !name.startsWith('.'));
}
