import type { Element } from 'domhandler';

const token = /"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)'|([a-z-]+)\(([^()]*)\)|(\/)|([a-z-]+)/gi;

/** Returns the text of a `content` value, or undefined if there is none. Numbers that CSS counts are shown as #. */
export function contentText(value: string, { attribs }: Element): string | undefined {
  if (value === 'none' || value === 'normal') return undefined;
  let text = '';
  for (const [, double, single, name, inside = '', slash, word] of value.matchAll(token)) {
    const quoted = double ?? single;
    if (slash !== undefined) break;
    if (quoted !== undefined) text += unescaped(quoted);
    else if (name?.toLowerCase() === 'attr')
      text += attribs[inside.split(',', 1)[0]?.trim().split(/\s/, 1)[0]?.toLowerCase() ?? ''] ?? '';
    else if (name !== undefined && /^counters?$/i.test(name)) text += '#';
    else if (word === 'open-quote') text += '“';
    else if (word === 'close-quote') text += '”';
  }
  return text;
}

/** Replaces escapes of a CSS string, as in \2014. */
const unescaped = (text: string): string =>
  text.replace(
    /\\(?:([0-9a-f]{1,6})\s?|\r?\n|([\s\S]))/gi,
    (_, code: string | undefined, character: string | undefined) => {
      if (code === undefined) return character ?? '';
      const point = Number.parseInt(code, 16);
      if (point === 0x0a) return '\n';
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point).toWellFormed() : '\ufffd';
    },
  );
