const escapeCharacter = (character: string): string =>
  character.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);

const characterClass = (characters: string): string =>
  characters
    .replaceAll(/(.)-(.)/gsu, (range, from: string, to: string) => (from > to ? '' : range))
    .replaceAll(/[\\\][^]/g, String.raw`\$&`);

/** Splits a pattern at its stars and returns each part (`?`, `[a-c]`, `[!x]` and literal characters) as a regular expression. */
function partsBetweenStars(pattern: string): string[] {
  const parts = [''];
  for (const [token, not, characters] of pattern.matchAll(/\[(!|(?!!))(\]?[^\]]+|\])\]|\*+|[^]/gu)) {
    if (token.startsWith('*')) parts.push('');
    else if (characters !== undefined)
      parts.push(`${parts.pop()}[${not && '^'}${characterClass(characters)}]`);
    else parts.push(`${parts.pop()}${token === '?' ? '.' : escapeCharacter(token)}`);
  }
  return parts;
}

/** Returns a matcher of file names for a shell pattern. As in Python's glob, a star does not match hidden files. */
export function glob(pattern: string): (name: string) => boolean {
  const [first = '', ...rest] = partsBetweenStars(pattern);
  const last = rest.pop();
  // A regular expression never backtracks into a look-ahead: no pattern can cause catastrophic backtracking.
  const middle = rest.map((part, index) => `(?=(.*?${part}))\\${index + 1}`).join('');
  const expression = new RegExp(last === undefined ? `^${first}$` : `^${first}${middle}.*${last}$`, 'su');
  return (name) => expression.test(name) && (pattern.startsWith('.') || !name.startsWith('.'));
}
