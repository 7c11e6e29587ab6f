import { own } from '../../lib/json.ts';
import { misspeltCloze, maxCloze, scanClozes } from '../card-text/cloze.ts';
import { bareText } from '../card-text/html.ts';
import type { NoteType } from '../reading.ts';

export type Fields = Readonly<Record<string, string>>;

export const fieldNames = ({ flds }: NoteType): string[] => flds.map(({ name }) => name);

/** Returns true if the field has a cloze deletion of a card. The number 0 makes none. */
const hasDeletion = (html: string): boolean => scanClozes(html).numbers.size > 0;

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
  for (const name of allowed.filter((each) => changed.includes(each))) {
    const fault = clozeFault(name, own(fields, name) ?? '');
    if (fault !== undefined) return fault;
  }
  return allowed.some((name) => hasDeletion(own(fields, name) ?? ''))
    ? undefined
    : `${type.name} is a cloze type and needs a deletion, {{c1::…}}, in ${allowed.join(' or ')}.`;
}

/** Returns what is wrong with the deletions of a field, if anything. */
function clozeFault(name: string, html: string): string | undefined {
  const { empty, numbers } = scanClozes(html);
  if (empty !== undefined)
    return `"${name}" has an empty deletion, ${empty}: write the hidden text after ::.`;
  const misspelt = misspeltCloze(html);
  if (misspelt)
    return `"${name}" has "${misspelt.wrong}", which starts no deletion: write ${misspelt.right}…}}.`;
  return numbers.size > 0 && Math.min(...numbers) > maxCloze
    ? `"${name}" has no deletion up to c${maxCloze}: Anki makes cards to c${maxCloze} only.`
    : undefined;
}
