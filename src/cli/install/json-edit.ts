import { applyEdits, findNodeAtLocation, parseTree, visit, type Edit, type Node } from 'jsonc-parser';
import type { EntryLocation, Table } from './format.ts';

// jsonc-parser's own modify() reformats the lines that it changes, and loses or moves comments at their ends.

interface ParsedText {
  readonly text: string;
  /** The text with comments replaced by spaces, so that only whitespace and commas are between values. */
  readonly uncommented: string;
  readonly root: Node | undefined;
  readonly newline: string;
  readonly indent: string;
}

function parseText(text: string): ParsedText {
  let uncommented = text;
  const blank = (offset: number, length: number): void => {
    uncommented = uncommented.slice(0, offset) + ' '.repeat(length) + uncommented.slice(offset + length);
  };
  visit(text, { onComment: blank }, { allowTrailingComma: true });
  const root = parseTree(text, [], { allowTrailingComma: true });
  const first = root?.children?.[0];
  const indent = first && startsLine(uncommented, first.offset) ? indentation(text, first.offset) : '';
  return { text, uncommented, root, newline: /\r?\n/.exec(text)?.[0] ?? '\n', indent: indent || '  ' };
}

/** Returns the text with this entry in the map. Creates the map if it does not exist. */
export function setEntry(text: string, { map, name }: EntryLocation, entry: Table): string {
  const document = parseText(text);
  const { root, newline } = document;
  if (root === undefined) {
    const before = text === '' || text.endsWith('\n') ? text : text + newline;
    return before + pretty(document, { [map]: { [name]: entry } }, '') + newline;
  }
  const servers = findNodeAtLocation(root, [map]);
  if (servers === undefined) return applyEdits(text, insertionEdits(document, root, map, { [name]: entry }));
  const previous = findNodeAtLocation(servers, [name]);
  if (previous === undefined) return applyEdits(text, insertionEdits(document, servers, name, entry));
  const { offset, length, parent } = previous;
  return applyEdits(text, [{ offset, length, content: inPlace(document, parent ?? previous, entry) }]);
}

/** Returns the text without this entry. The map may become empty. */
export function removeEntry(text: string, { map, name }: EntryLocation): string {
  const document = parseText(text);
  const servers = document.root && findNodeAtLocation(document.root, [map]);
  const property = servers && findNodeAtLocation(servers, [name])?.parent;
  return property ? applyEdits(text, removalEdits(document, servers, property)) : text;
}

const end = ({ offset, length }: Node): number => offset + length;

/** Returns the offset at which the line of this offset starts. */
const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

const startsLine = (uncommented: string, offset: number): boolean =>
  lineStart(uncommented, offset) > 0 &&
  uncommented.slice(lineStart(uncommented, offset), offset).trim() === '';

/** Returns the indentation of the line of this offset. */
const indentation = (text: string, offset: number): string => {
  const start = lineStart(text, offset);
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
};

const pretty = ({ newline, indent }: ParsedText, value: unknown, at: string): string =>
  JSON.stringify(value, null, indent).replaceAll('\n', newline + at);

const inPlace = (document: ParsedText, { offset }: Node, value: unknown): string =>
  startsLine(document.uncommented, offset)
    ? pretty(document, value, indentation(document.text, offset))
    : JSON.stringify(value);

/** Returns the number of characters up to and including the next comma; 0 if something else precedes it. */
const commaLength = (uncommented: string, offset: number): number =>
  /^\s*,/.exec(uncommented.slice(offset))?.[0].length ?? 0;

/** Returns the edits that add a property at the end of an object, in the style of the last property. */
function insertionEdits(document: ParsedText, object: Node, key: string, value: unknown): Edit[] {
  const { text, uncommented, newline } = document;
  const last = object.children?.at(-1);
  if (last === undefined) return [firstInsertion(document, object, key, value)];
  const label = `${JSON.stringify(key)}: `;
  const trailing = commaLength(uncommented, end(last));
  const after = end(last) + trailing;
  const comma: Edit[] = trailing > 0 ? [] : [{ offset: end(last), length: 0, content: ',' }];
  const closing = trailing > 0 ? ',' : '';
  if (!startsLine(uncommented, last.offset)) {
    return [...comma, { offset: after, length: 0, content: ` ${label}${JSON.stringify(value)}${closing}` }];
  }
  const inner = indentation(text, last.offset);
  const line = newline + inner + label + pretty(document, value, inner) + closing;
  // A comment at the end of the line belongs to the last property.
  const at = endsLine(uncommented, after) ? after + whitespaceLength(uncommented, after) : after;
  return [...comma, { offset: at, length: 0, content: line }];
}

/** Returns the edit that adds the first property to an object without properties. It may contain comments. */
function firstInsertion(document: ParsedText, object: Node, key: string, value: unknown): Edit {
  const { text, uncommented, newline, indent } = document;
  const label = `${JSON.stringify(key)}: `;
  const inside = text.slice(object.offset + 1, end(object) - 1);
  const contentLength = inside.trimEnd().length;
  const space = { offset: object.offset + 1 + contentLength, length: inside.length - contentLength };
  const { parent } = object;
  if (parent && contentLength === 0 && !startsLine(uncommented, parent.offset)) {
    return { ...space, content: label + JSON.stringify(value) };
  }
  const outer = indentation(text, (parent ?? object).offset);
  const inner = outer + indent;
  return { ...space, content: newline + inner + label + pretty(document, value, inner) + newline + outer };
}

const whitespaceLength = (text: string, offset: number): number =>
  /^[ \t]*/.exec(text.slice(offset))?.[0].length ?? 0;

const endsLine = (text: string, offset: number): boolean =>
  /[\r\n]/.test(text[offset + whitespaceLength(text, offset)] ?? '\n');

/** Returns the edits that remove a property, with its comma and, where it is alone in them, its lines. */
function removalEdits({ text, uncommented }: ParsedText, object: Node, property: Node): Edit[] {
  const siblings = object.children ?? [];
  if (siblings.length === 1) return [onlyRemoval(text, uncommented, object, property)];
  const trailing = commaLength(uncommented, end(property));
  const stop = end(property) + trailing;
  const index = siblings.indexOf(property);
  const previous = siblings[index - 1];
  const isLast = index === siblings.length - 1;
  const isCommented = endsLine(uncommented, stop) && !endsLine(text, stop);
  const removesLine = isLast ? !isCommented : startsLine(text, property.offset) && endsLine(text, stop);
  const from = removesLine ? removalStart(text, property.offset) : property.offset;
  const spaces = removesLine ? 0 : whitespaceLength(text, stop);
  const edit = { offset: from, length: stop + spaces - from, content: '' };
  if (!isLast || trailing > 0 || previous === undefined) return [edit];
  return [
    { offset: end(previous) + commaLength(uncommented, end(previous)) - 1, length: 1, content: '' },
    edit,
  ];
}

/** Returns where the removal of a property starts: before its indentation and the preceding line break. */
function removalStart(text: string, offset: number): number {
  const whitespace = /(?:\r?\n)?[ \t]*$/.exec(text.slice(Math.max(0, lineStart(text, offset) - 2), offset));
  return offset - (whitespace?.[0].length ?? 0);
}

/** Returns the edit that removes the only property of an object. Comments in the object stay. */
function onlyRemoval(text: string, uncommented: string, object: Node, property: Node): Edit {
  const before = removalStart(text, property.offset);
  const stop = end(property) + commaLength(uncommented, end(property));
  const others = text.slice(object.offset + 1, before) + text.slice(stop, end(object) - 1);
  if (others.trim() !== '') return { offset: before, length: stop - before, content: '' };
  return { offset: object.offset + 1, length: object.length - 2, content: '' };
}
