import { dateTerm, flagNumbers, keyNames, properties, states } from './search-words.ts';

/** A search that probably finds what another one means, with the parts that Anki writes differently. */
export interface Correction {
  readonly query: string;
  readonly changes: readonly string[];
}

/** Maximum characters of a search that is examined. */
const maxCharacters = 2_000;

/** Returns the search that was probably meant, or undefined if each part has the form that Anki knows. Takes linear time. */
export function correctionOf(query: string): Correction | undefined {
  if (query.length > maxCharacters) return undefined;
  const changes: string[] = [];
  const change = (from: string, to: string): string => {
    if (from !== to) changes.push(to === '' ? `nothing for ${from}` : `${to} for ${from}`);
    return to;
  };
  const tokens = tokensOf(plainQuotes(query, change));
  const terms: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const rule = rules.find(({ pattern }) =>
      pattern.every((part, index) => part.test(tokens[at + index] ?? '')),
    );
    const parts = tokens.slice(at, at + (rule?.pattern.length ?? 1));
    const replaced = rule?.isPrefix === true ? parts.slice(0, -1) : parts;
    const to = rule ? change(replaced.join(' '), rule.write(parts)) : parts.join('');
    at += replaced.length - 1;
    if (rule?.isPrefix === true) tokens[at + 1] = `${to}${tokens[at + 1] ?? ''}`;
    else if (to !== '') terms.push(to);
  }
  if (changes.length === 0) return undefined;
  return { query: terms.join(' ').replaceAll(/(?<=\() | (?=\))/g, ''), changes };
}

/** Replaces typographic and single quotes around a value by the quotes that Anki knows. */
function plainQuotes(query: string, change: (from: string, to: string) => string): string {
  const hasCurly = /[“”„‟«»]/.test(query);
  if (hasCurly && !query.includes('"')) change('“ ”', '" "');
  const curly = hasCurly && !query.includes('"') ? query.replaceAll(/[“”„‟«»]/g, '"') : query;
  return curly.replaceAll(/(?<=^|[\s:=(-])(['‘])([^'‘’"]{1,200})['’](?=$|[\s)])/g, (text, _, value: string) =>
    change(text, `"${value}"`),
  );
}

/** Splits a search at spaces and parentheses outside of quotes, and at the operators of other search languages. */
function tokensOf(query: string): string[] {
  const tokens: string[] = [];
  let token = '';
  let isQuoted = false;
  const end = () => {
    if (token !== '') tokens.push(token);
    token = '';
  };
  for (let at = 0; at < query.length; at++) {
    const character = query.charAt(at);
    const pair = query.slice(at, at + 2);
    if (character === '\\') token += pair;
    else if (character === '"') {
      isQuoted = !isQuoted;
      token += character;
    } else if (isQuoted) token += character;
    else if (/\s/.test(character)) end();
    else if (token === '' && (character === '!' || character === '+')) tokens.push(character);
    else if (pair === '||' || pair === '&&') {
      end();
      tokens.push(pair);
    } else if (character === ')' || (character === '(' && /^-?$/.test(token))) {
      if (character === ')') end();
      token += character;
      end();
    } else token += character;
    if (character === '\\' || (!isQuoted && (pair === '||' || pair === '&&'))) at++;
  }
  end();
  return tokens;
}

interface Rule {
  /** What each of the tokens must be. */
  readonly pattern: readonly RegExp[];
  /** True if the last token stays, with the result in front of it. It may match another rule then. */
  readonly isPrefix?: boolean;
  write(tokens: readonly string[]): string;
}

const any = /^(?!(?:and|or|not)$)[^)(-]/i;
const oneOf = (words: Iterable<string>): string => [...words].join('|');
const property = `(-?)(?:prop:)?(${oneOf(properties.keys())})`;
const number = String.raw`(-?\d+(?:\.\d+)?)(?:%|d|days?)?`;
const comparison = '(:?[<>]=?|:?!?==?|:)';
const keys = `deck|tag|note|card|is|flag|prop|added|edited|rated|introduced|nid|cid|did|mid|${oneOf(keyNames.keys())}`;

/** Joins the tokens and rewrites the text by one pattern. */
const rewrite = (
  pattern: readonly RegExp[],
  whole: RegExp,
  write: (groups: readonly string[]) => string,
): Rule => ({
  pattern,
  write: (tokens) => {
    const text = tokens.join('');
    const [, ...groups] = whole.exec(text) ?? [];
    return groups.length > 0 ? write(groups) : tokens.join(' ');
  },
});

const single = (whole: RegExp, write: (groups: readonly string[]) => string): Rule =>
  rewrite([whole], whole, write);

/** Compares a property as Anki does: prop:ease<2. Percentages of the ease become factors. */
function compare([minus = '', name = '', operator = '', value = '']: readonly string[]): string {
  const key = properties.get(name.toLowerCase()) ?? name;
  const isPercentage = key === 'ease' && Number(value) >= 100;
  const sign = operator.replace(/^:(?=.)/, '').replace(/^(==|:)$/, '=');
  return `${minus}prop:${key}${sign}${isPercentage ? Number(value) / 100 : value}`;
}

const comparisonOf = new RegExp(`^${property}${comparison}${number}$`, 'i');

/** Puts a pattern into a field, in quotes if it has spaces. */
function contains([minus = '', field = '', how = '', value = '']: readonly string[]): string {
  const bare = (text: string): string => text.replaceAll('"', '');
  const [before, after] = [/^start/i.test(how) ? '' : '*', /^end/i.test(how) ? '' : '*'];
  const term = `${bare(field).replace(/:$/, '')}:${before}${bare(value)}${after}`;
  return `${minus}${/\s/.test(term) ? `"${term}"` : term}`;
}

const how = '(contains?|includes?|like|starts?-?with|ends?-?with)';
const fieldName = String.raw`(-?)(?:field:)?("[^"]+"|[^\s:"()=<>]+?)`;
const containsOf = new RegExp(`^${fieldName}[:.~]?${how}[:=]?(.+)$`, 'is');

/** Forms of other search languages. The first rule that matches is used. */
const rules: readonly Rule[] = [
  { pattern: [/^&&$/], write: () => '' },
  { pattern: [/^\|\|?$/], write: () => 'or' },
  { pattern: [/^and$/i, /^not$/i, /^[^-)]/], isPrefix: true, write: () => '-' },
  { pattern: [/^not$/i, /^[^-)]/], isPrefix: true, write: () => '-' },
  { pattern: [/^!+$/, /^[^-)]/], isPrefix: true, write: () => '-' },
  { pattern: [/^\+$/, any], isPrefix: true, write: () => '' },
  rewrite([new RegExp(`^${fieldName}:?$`, 'i'), /^(starts?|ends?)$/i, /^with$/i, any], containsOf, contains),
  rewrite([new RegExp(`^${fieldName}:?$`, 'i'), new RegExp(`^${how}$`, 'i'), any], containsOf, contains),
  single(new RegExp(`^${fieldName}[:.~]${how}:(.+)$`, 'is'), contains),
  single(/^(-?)contains:(.+)$/is, ([minus = '', text = '']) => `${minus}${text}`),
  { pattern: [/^-?(?:due:?=?(today|tomorrow|yesterday|overdue|now)|is:overdue)$/i], write: dateTerm },
  {
    pattern: [/^-?(added|edited|rated|introduced|created|modified|reviewed|studied):(today|\d+d|\d+days?)$/i],
    write: dateTerm,
  },
  { pattern: [/^-?(created|modified|reviewed|studied):\d+$/i], write: dateTerm },
  rewrite(
    [new RegExp(`^${property}$`, 'i'), new RegExp(`^${comparison}$`), new RegExp(`^${number}$`)],
    comparisonOf,
    compare,
  ),
  rewrite([new RegExp(`^${property}$`, 'i'), new RegExp(`^${comparison}${number}$`)], comparisonOf, compare),
  rewrite([new RegExp(`^${property}${comparison}$`, 'i'), new RegExp(`^${number}$`)], comparisonOf, compare),
  single(comparisonOf, compare),
  single(
    /^(-?)(is):(new|learn|review|due|suspended|buried)$/i,
    ([minus = '', , state = '']) => `${minus}is:${state.toLowerCase()}`,
  ),
  single(new RegExp(`^(-?)(?:is|state|status):(${oneOf(states.keys())})$`, 'i'), ([minus = '', state = '']) =>
    minus === '' ? (states.get(state.toLowerCase()) ?? '') : `-(${states.get(state.toLowerCase()) ?? ''})`,
  ),
  single(new RegExp(`^(-?)flags?[:=](${oneOf(flagNumbers.keys())})$`, 'i'), ([minus = '', colour = '']) => {
    return `${minus}flag:${flagNumbers.get(colour.toLowerCase()) ?? 0}`;
  }),
  single(
    /^(-?)(?:note|card|id)([:=])(\d{13})$/i,
    ([minus = '', , id = '']) => `${minus}(nid:${id} or cid:${id})`,
  ),
  rewrite([new RegExp(`^-?(?:${keys})[:=]$`, 'i'), any], new RegExp(`^(-?)(${keys})[:=](.*)$`, 'is'), asKey),
  rewrite(
    [new RegExp(`^-?(?:${keys})$`, 'i'), /^[:=]{1,2}$/, any],
    new RegExp(`^(-?)(${keys})[:=]+(.*)$`, 'is'),
    asKey,
  ),
  single(new RegExp(`^(-?)(${keys})==?(.+)$`, 'is'), asKey),
  single(new RegExp(`^(-?)(${oneOf(keyNames.keys())}):(.+)$`, 'is'), asKey),
];

function asKey([minus = '', key = '', value = '']: readonly string[]): string {
  const name = keyNames.get(key.toLowerCase()) ?? key.toLowerCase();
  return `${minus}${name}:${value}`;
}
