import type { Output } from '../../contract/index.ts';
import { own } from '../../lib/json.ts';
import { bareText, unclosedTags } from '../card-text/html.ts';

export type NoteType = Output<'findModelsByName'>[number];
export type Fields = Readonly<Record<string, string>>;

export const fieldNames = ({ flds }: NoteType): string[] => flds.map(({ name }) => name);

const deletion = /\{\{c[\d,]*[1-9][\d,]*::[\s\S]*?\}\}/;
const deletionStart = /\{\{c[\d,]+::/g;

/** The engine's idea of an empty field: &nbsp; fills one. */
const isFilled = (html: string): boolean => !/^(?:\s|<\/?(?:br|div) ?\/?>)*$/i.test(html);

export const isEmpty = (html: string): boolean => bareText(html).trim() === '';

const fronts = ({ tmpls }: NoteType): string[] => tmpls.map(({ qfmt }) => String(qfmt));

/** The fields in which a cloze type looks for deletions. */
function clozeFields(type: NoteType): string[] {
  const named = fronts(type).flatMap((front) =>
    [...front.matchAll(/\{\{[^{}]*\bcloze:([^{}]+)\}\}/g)].map(([, tag = '']) =>
      tag.split(':').at(-1)?.trim(),
    ),
  );
  return fieldNames(type).filter((name) => named.includes(name));
}

/** Whether a front shows at least one filled field: otherwise there is no such card. */
function makesCard(front: string, filled: ReadonlySet<string>): boolean {
  const shown = [true];
  for (const [, sign = '', tag = ''] of front.matchAll(/\{\{\s*([#^/!]?)([^{}]*)\}\}/g)) {
    const name = tag.split(':').at(-1)?.trim() ?? '';
    const here = shown.at(-1) ?? true;
    if (sign === '/') shown.pop();
    else if (sign === '#') shown.push(here && filled.has(name));
    else if (sign === '^') shown.push(here && !filled.has(name));
    else if (sign === '' && here && filled.has(name)) return true;
  }
  return false;
}

/** Why Anki would refuse these fields, or make no card of them. `changed` are those that are new. */
export function faultOf(type: NoteType, fields: Fields, changed: readonly string[]): string | undefined {
  const names = fieldNames(type);
  const [first = ''] = names;
  if (changed.includes(first) && isEmpty(own(fields, first) ?? ''))
    return `The first field, "${first}", is empty.`;
  const withDeletion = changed.filter((name) => deletion.test(own(fields, name) ?? ''));
  if (type.type !== 1) {
    const [misplaced] = withDeletion;
    if (misplaced !== undefined) {
      return `"${misplaced}" has a cloze deletion, but ${type.name} is not a cloze type.`;
    }
    const filled = new Set(names.filter((name) => isFilled(own(fields, name) ?? '')));
    if (fronts(type).some((front) => makesCard(front, filled))) return undefined;
    return `It would make no card: no front of ${type.name} shows ${[...filled].join(' or ') || 'empty fields'}.`;
  }
  const places = clozeFields(type);
  const misplaced = withDeletion.find((name) => !places.includes(name));
  if (misplaced !== undefined) {
    return `"${misplaced}" has a cloze deletion, but ${type.name} looks for them in ${places.join(', ')}.`;
  }
  return places.some((name) => deletion.test(own(fields, name) ?? ''))
    ? undefined
    : `${type.name} is a cloze type and needs a deletion, {{c1::…}}, in ${places.join(' or ')}.`;
}

/** What Anki takes, but is probably not meant. */
export function warningsOf(name: string, html: string): string[] {
  const tags = unclosedTags(html).map((tag) => `<${tag}>`);
  const opened = html.match(deletionStart)?.length ?? 0;
  const closed = html.match(/\}\}/g)?.length ?? 0;
  const oneLine = html.includes('\n') && !/<[a-z]/i.test(html);
  return [
    ...(tags.length > 0 ? [`${name}: ${tags.join(', ')} not closed`] : []),
    ...(opened > closed ? [`${name}: a cloze deletion is not closed`] : []),
    ...(oneLine ? [`${name}: line breaks show only as <br>, or with markdown: true`] : []),
  ];
}
