/** Where Python's JSON parser stops, and why. */
class SyntaxProblem extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const scalar = /null|true|false|NaN|-?Infinity|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const plainCharacters = /[^"\\\0-\x1f]*/y;
const blanks = /[ \t\n\r]*/y;

/** Returns the index after the match of a sticky expression, or `at` if it does not match there. */
function after(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : at;
}

/** Returns the index after a string that begins with a quote at `start`. */
function afterString(text: string, start: number): number {
  for (let at = start + 1; ;) {
    at = after(plainCharacters, text, at);
    if (text[at] === '"') return at + 1;
    if (at < text.length && text[at] !== '\\') throw new SyntaxProblem('Invalid control character at', at);
    const escape = text[at + 1];
    if (escape === undefined) throw new SyntaxProblem('Unterminated string starting at', start);
    if (escape === 'u') {
      // Python also needs a character after the four digits.
      if (at + 6 >= text.length || !/^[\da-f]{4}$/i.test(text.slice(at + 2, at + 6)))
        throw new SyntaxProblem('Invalid \\uXXXX escape', at + (at + 6 >= text.length ? 2 : 1));
      at += 6;
    } else if ('"\\/bfnrt'.includes(escape)) at += 2;
    else throw new SyntaxProblem('Invalid \\escape', at);
  }
}

/** Returns the index after the name of a member and its colon. */
function afterName(text: string, at: number): number {
  if (text[at] !== '"') throw new SyntaxProblem('Expecting property name enclosed in double quotes', at);
  const colon = after(blanks, text, afterString(text, at));
  if (text[colon] !== ':') throw new SyntaxProblem("Expecting ':' delimiter", colon);
  return after(blanks, text, colon + 1);
}

/** Reads a document without recursion, and throws the first problem. */
function check(text: string): void {
  if (text.startsWith('\u{feff}'))
    throw new SyntaxProblem('Unexpected UTF-8 BOM (decode using utf-8-sig)', 0);
  const open: ('}' | ']')[] = [];
  let at = after(blanks, text, 0);
  for (;;) {
    // A value begins here.
    const first = text[at];
    if (first === '{' || first === '[') {
      const close = first === '{' ? '}' : ']';
      at = after(blanks, text, at + 1);
      if (text[at] !== close) {
        open.push(close);
        if (close === '}') at = afterName(text, at);
        continue;
      }
      at++;
    } else {
      const end = first === '"' ? afterString(text, at) : after(scalar, text, at);
      if (end === at) throw new SyntaxProblem('Expecting value', at);
      at = end;
    }
    // A value ended here.
    at = after(blanks, text, at);
    while (open.length > 0 && text[at] === open.at(-1)) {
      open.pop();
      at = after(blanks, text, at + 1);
    }
    const inside = open.at(-1);
    if (inside === undefined) break;
    if (text[at] !== ',') throw new SyntaxProblem("Expecting ',' delimiter", at);
    at = after(blanks, text, at + 1);
    if (inside === '}') at = afterName(text, at);
  }
  if (at < text.length) throw new SyntaxProblem('Extra data', at);
}

/** Returns Python's error message for a text that is not JSON, or undefined if Python accepts it. */
export function jsonErrorOf(text: string): string | undefined {
  try {
    check(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return `${error.message}: ${placeOf(text, error.at)}`;
  }
}

/** Returns a place in a text as Python counts it: in characters, not in UTF-16 units. */
function placeOf(text: string, end: number): string {
  let [line, column, position] = [1, 1, 0];
  for (let at = 0; at < end; position++) {
    column++;
    if (text[at] === '\n') [line, column] = [line + 1, 1];
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return `line ${line} column ${column} (char ${position})`;
}
