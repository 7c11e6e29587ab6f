import { applyEdits, findNodeAtLocation, parseTree, visit, type Edit, type Node } from 'jsonc-parser';
import type { Spot, Table } from './format.ts';

// jsonc-parser's own modify() puts the lines it touches in its own order, and loses or moves comments at their ends.

interface Document {
  readonly text: string;
  /** The text with blanks for comments, so that there is nothing but blanks and commas between values. */
  readonly bare: string;
  readonly root: Node | undefined;
  readonly newline: string;
  readonly indent: string;
}

function read(text: string): Document {
  let bare = text;
  const blank = (offset: number, length: number): void => {
    bare = bare.slice(0, offset) + ' '.repeat(length) + bare.slice(offset + length);
  };
  visit(text, { onComment: blank }, { allowTrailingComma: true });
  const root = parseTree(text, [], { allowTrailingComma: true });
  const first = root?.children?.[0];
  const indent = first && startsLine(bare, first.offset) ? margin(text, first.offset) : '';
  return { text, bare, root, newline: /\r?\n/.exec(text)?.[0] ?? '\n', indent: indent || '  ' };
}

/** The text with this entry in the map, which is made if it is not there. */
export function put(text: string, { map, name }: Spot, entry: Table): string {
  const document = read(text);
  const { root, newline } = document;
  if (root === undefined) {
    const before = text === '' || text.endsWith('\n') ? text : text + newline;
    return before + pretty(document, { [map]: { [name]: entry } }, '') + newline;
  }
  const servers = findNodeAtLocation(root, [map]);
  if (servers === undefined) return applyEdits(text, insertion(document, root, map, { [name]: entry }));
  const there = findNodeAtLocation(servers, [name]);
  if (there === undefined) return applyEdits(text, insertion(document, servers, name, entry));
  const { offset, length, parent } = there;
  return applyEdits(text, [{ offset, length, content: inPlace(document, parent ?? there, entry) }]);
}

/** The text without this entry; a map may be left empty. */
export function take(text: string, { map, name }: Spot): string {
  const document = read(text);
  const servers = document.root && findNodeAtLocation(document.root, [map]);
  const property = servers && findNodeAtLocation(servers, [name])?.parent;
  return property ? applyEdits(text, removal(document, servers, property)) : text;
}

const end = ({ offset, length }: Node): number => offset + length;

/** Where the line of this place begins, or the text. */
const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

const startsLine = (bare: string, offset: number): boolean =>
  lineStart(bare, offset) > 0 && bare.slice(lineStart(bare, offset), offset).trim() === '';

/** What the line of this place is indented by. */
const margin = (text: string, offset: number): string => {
  const start = lineStart(text, offset);
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
};

const pretty = ({ newline, indent }: Document, value: unknown, at: string): string =>
  JSON.stringify(value, null, indent).replaceAll('\n', newline + at);

const inPlace = (document: Document, { offset }: Node, value: unknown): string =>
  startsLine(document.bare, offset)
    ? pretty(document, value, margin(document.text, offset))
    : JSON.stringify(value);

/** How far it is past the comma that comes next; 0 if something else does. */
const pastComma = (bare: string, offset: number): number => /^\s*,/.exec(bare.slice(offset))?.[0].length ?? 0;

function insertion(document: Document, object: Node, key: string, value: unknown): Edit[] {
  const { text, bare, newline } = document;
  const last = object.children?.at(-1);
  if (last === undefined) return [filling(document, object, key, value)];
  const label = `${JSON.stringify(key)}: `;
  const trailing = pastComma(bare, end(last));
  const after = end(last) + trailing;
  const comma: Edit[] = trailing > 0 ? [] : [{ offset: end(last), length: 0, content: ',' }];
  const closing = trailing > 0 ? ',' : '';
  if (!startsLine(bare, last.offset)) {
    return [...comma, { offset: after, length: 0, content: ` ${label}${JSON.stringify(value)}${closing}` }];
  }
  const inner = margin(text, last.offset);
  const line = newline + inner + label + pretty(document, value, inner) + closing;
  // A comment at the end of the line belongs to what comes before.
  const behind = endsLine(bare, after) ? after + blanksAt(bare, after) : after;
  return [...comma, { offset: behind, length: 0, content: line }];
}

/** The first in an object that has at most comments. */
function filling(document: Document, object: Node, key: string, value: unknown): Edit {
  const { text, bare, newline, indent } = document;
  const label = `${JSON.stringify(key)}: `;
  const inside = text.slice(object.offset + 1, end(object) - 1);
  const kept = inside.trimEnd().length;
  const space = { offset: object.offset + 1 + kept, length: inside.length - kept };
  const { parent } = object;
  if (parent && kept === 0 && !startsLine(bare, parent.offset)) {
    return { ...space, content: label + JSON.stringify(value) };
  }
  const outer = margin(text, (parent ?? object).offset);
  const inner = outer + indent;
  return { ...space, content: newline + inner + label + pretty(document, value, inner) + newline + outer };
}

const blanksAt = (text: string, offset: number): number =>
  /^[ \t]*/.exec(text.slice(offset))?.[0].length ?? 0;

const endsLine = (text: string, offset: number): boolean =>
  /[\r\n]/.test(text[offset + blanksAt(text, offset)] ?? '\n');

function removal({ text, bare }: Document, object: Node, property: Node): Edit[] {
  const siblings = object.children ?? [];
  if (siblings.length === 1) return [aloneIn(text, bare, object, property)];
  const trailing = pastComma(bare, end(property));
  const stop = end(property) + trailing;
  const index = siblings.indexOf(property);
  const previous = siblings[index - 1];
  const isLast = index === siblings.length - 1;
  const isCommented = endsLine(bare, stop) && !endsLine(text, stop);
  const withLine = isLast ? !isCommented : startsLine(text, property.offset) && endsLine(text, stop);
  const from = withLine ? beginning(text, property.offset) : property.offset;
  const blanks = withLine ? 0 : blanksAt(text, stop);
  const own = { offset: from, length: stop + blanks - from, content: '' };
  if (!isLast || trailing > 0 || previous === undefined) return [own];
  return [{ offset: end(previous) + pastComma(bare, end(previous)) - 1, length: 1, content: '' }, own];
}

/** From where an entry is taken out: with its indentation and the line break before it. */
function beginning(text: string, offset: number): number {
  const blank = /(?:\r?\n)?[ \t]*$/.exec(text.slice(Math.max(0, lineStart(text, offset) - 2), offset));
  return offset - (blank?.[0].length ?? 0);
}

function aloneIn(text: string, bare: string, object: Node, property: Node): Edit {
  const before = beginning(text, property.offset);
  const stop = end(property) + pastComma(bare, end(property));
  const others = text.slice(object.offset + 1, before) + text.slice(stop, end(object) - 1);
  if (others.trim() !== '') return { offset: before, length: stop - before, content: '' };
  return { offset: object.offset + 1, length: object.length - 2, content: '' };
}
