import { own } from '../../lib/json.ts';
import { clozeDeletion } from '../card-text/card-side.ts';
import { delimited } from '../card-text/delimited.ts';
import { bareText, unclosedTags } from '../card-text/html.ts';
import type { NoteType } from './reading.ts';

export type Fields = Readonly<Record<string, string>>;

export const fieldNames = ({ flds }: NoteType): string[] => flds.map(({ name }) => name);

/** Returns true if the field has a cloze deletion of a card. The number 0 makes none. */
function hasDeletion(html: string): boolean {
  for (const { opening } of delimited(html, clozeDeletion)) if (/[1-9]/.test(opening[0])) return true;
  return false;
}

/** Returns true if the engine treats the field as filled. &nbsp; counts as content. */
const isFilled = (html: string): boolean => html.replaceAll(/<\/?(?:br|div) ?\/?>/gi, '').trim() !== '';

export const isEmpty = (html: string): boolean => bareText(html).trim() === '';

const frontsOf = ({ tmpls }: NoteType): string[] => tmpls.map(({ qfmt }) => String(qfmt));

/** Returns the fields in which a cloze type looks for deletions. */
function clozeFields(type: NoteType): string[] {
  const named = frontsOf(type).flatMap((front) =>
    [...front.matchAll(/\{\{([^{}]*)\}\}/g)].flatMap(([, tag = '']) =>
      /\bcloze:[^]/.test(tag) ? [tag.slice(tag.lastIndexOf(':') + 1).trim()] : [],
    ),
  );
  return fieldNames(type).filter((name) => named.includes(name));
}

/** Returns true if a front shows at least one filled field. Otherwise Anki creates no card from it. */
function makesCard(front: string, filled: ReadonlySet<string>): boolean {
  const visible = [true];
  for (const [, tag = ''] of front.matchAll(/\{\{([^{}]*)\}\}/g)) {
    const [operator = ''] = /^[#^/!]/.exec(tag.trimStart()) ?? [];
    const name = tag.trimStart().slice(operator.length).split(':').at(-1)?.trim() ?? '';
    const isVisible = visible.at(-1) ?? true;
    if (operator === '/') visible.pop();
    else if (operator === '#') visible.push(isVisible && filled.has(name));
    else if (operator === '^') visible.push(isVisible && !filled.has(name));
    else if (operator === '' && isVisible && filled.has(name)) return true;
  }
  return false;
}

/** Returns why Anki would refuse these fields or create no card from them, if so. `changed` names the new values. */
export function findFault(type: NoteType, fields: Fields, changed: readonly string[]): string | undefined {
  const names = fieldNames(type);
  const [first = ''] = names;
  if (changed.includes(first) && isEmpty(own(fields, first) ?? ''))
    return `The first field, "${first}", is empty.`;
  const withDeletion = changed.filter((name) => hasDeletion(own(fields, name) ?? ''));
  if (type.type !== 1) {
    const [misplaced] = withDeletion;
    if (misplaced !== undefined) {
      return `"${misplaced}" has a cloze deletion, but ${type.name} is not a cloze type.`;
    }
    const filled = new Set(names.filter((name) => isFilled(own(fields, name) ?? '')));
    if (frontsOf(type).some((front) => makesCard(front, filled))) return undefined;
    return filled.size > 0
      ? `It would have no card: no front template of ${type.name} shows ${[...filled].join(' or ')}.`
      : 'It would have no card: all fields are empty.';
  }
  const allowed = clozeFields(type);
  const misplaced = withDeletion.find((name) => !allowed.includes(name));
  if (misplaced !== undefined) {
    return `"${misplaced}" has a cloze deletion, but ${type.name} looks for them in ${allowed.join(', ')}.`;
  }
  return allowed.some((name) => hasDeletion(own(fields, name) ?? ''))
    ? undefined
    : `${type.name} is a cloze type and needs a deletion, {{c1::…}}, in ${allowed.join(' or ')}.`;
}

/** Returns warnings about HTML that Anki accepts but that is probably a mistake. */
export function warningsOf(name: string, html: string): string[] {
  const tags = unclosedTags(html).map((tag) => `<${tag}>`);
  const opened = html.match(clozeDeletion.opening)?.length ?? 0;
  const closed = html.match(/\}\}/g)?.length ?? 0;
  const hasPlainBreaks = html.includes('\n') && !/<[a-z]/i.test(html);
  return [
    ...(tags.length > 0 ? [`${name}: ${tags.join(', ')} not closed`] : []),
    ...(opened > closed ? [`${name}: a cloze deletion is not closed`] : []),
    ...(hasPlainBreaks ? [`${name}: line breaks show only as <br>, or with markdown: true`] : []),
  ];
}
