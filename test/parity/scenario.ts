import { readdirSync, readFileSync } from 'node:fs';
import { isObject, type Json } from '../../src/lib/json.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A scenario is a list of requests with the recorded replies of Anki 26.9.3 with Anki-Connect 25.11.9.0. Replies are
// normalised: a saved id becomes "#" and its name, another epoch-millisecond id "#id", epoch seconds "#sec", a 64-bit
// id "#int64". "wait" is the pause in milliseconds while recording; here it is not needed.

export interface Step {
  readonly do: { readonly action: string; readonly version?: number; readonly params?: Json };
  /** Dotted paths into the reply by name. Later steps use the values as "{name}". */
  readonly save?: Readonly<Record<string, string>>;
  readonly expect: Json;
  /** Paths that are not compared. */
  readonly mask?: readonly string[];
  /** Paths of arrays whose order is not compared. */
  readonly sort?: readonly string[];
  /** Any error is accepted. */
  readonly error?: 'any';
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly vars?: Readonly<Record<string, Json>>;
  readonly steps: readonly Step[];
}

type Vars = Record<string, Json | undefined>;
type Value = Json | undefined;
export type Send = (request: { action: string; version: number; params?: Json }) => Promise<Json>;

const folder = new URL('./scenarios/', import.meta.url);

export const scenarios: readonly Scenario[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')));

const isParent = (value: Value): value is Record<string, Json> => typeof value === 'object' && value !== null;

/** Replaces "{name}" and "{{name}}" in strings by saved values. */
function fill(value: Value, vars: Vars): Json {
  const saved = (name: string): Json => {
    const savedValue = vars[name];
    if (savedValue === undefined) throw new Error(`no saved value ${name}`);
    return savedValue;
  };
  if (typeof value === 'string') {
    const onlyName = /^\{([A-Za-z]\w*)\}$/.exec(value)?.[1];
    if (onlyName !== undefined) return saved(onlyName);
    return value.replace(/\{\{([A-Za-z]\w*)\}\}/g, (_, name: string) => String(saved(name)));
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, vars));
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [String(fill(key, vars)), fill(item, vars)]),
    );
  }
  return value ?? null;
}

/** Returns the value at a dotted path. */
function pick(value: Value, path: string): Value {
  let at = value;
  for (const key of path.split('.').filter(Boolean)) at = isParent(at) ? at[key] : undefined;
  return at;
}

/** Replaces ids and times, which differ in each run, by placeholders. */
function normalise(value: Value, vars: Vars): Json {
  const id = (digits: string) => {
    const names = Object.keys(vars).filter((key) => String(vars[key]) === digits);
    return names.length > 0 ? `#${names.toSorted().join('|')}` : '#id';
  };
  const text = (original: string) =>
    original.replace(/(?<![\d.])1[5-9]\d{11}(?!\d)/g, id).replace(/(?<![\d.])1[5-9]\d{8}(?!\d)/g, '#sec');
  if (typeof value === 'bigint') return '#int64';
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return value;
    if (!Number.isSafeInteger(value)) return '#int64';
    if (value >= 15e11 && value < 20e11) return id(String(value));
    return value >= 15e8 && value < 20e8 ? '#sec' : value;
  }
  if (typeof value === 'string') return /^-?\d{16,20}$/.test(value) ? '#int64' : text(value);
  if (Array.isArray(value)) return value.map((item) => normalise(item, vars));
  if (isObject(value)) {
    const out: Record<string, Json> = {};
    for (const [key, item] of Object.entries(value)) {
      let name = text(key);
      for (let n = 2; name in out; n++) name = `${text(key)}~${n}`;
      out[name] = normalise(item, vars);
    }
    return out;
  }
  return value ?? null;
}

/** Calls `visitor` with the parent and key of each match of a dotted path, in which * matches any key. */
function visit(
  value: Value,
  path: string,
  visitor: (parent: Record<string, Json>, key: string) => void,
): void {
  const walk = (at: Value, [key = '', ...rest]: readonly string[]): void => {
    if (!isParent(at)) return;
    for (const name of key === '*' ? Object.keys(at) : [key]) {
      if (!(name in at)) continue;
      if (rest.length > 0) walk(at[name], rest);
      else visitor(at, name);
    }
  };
  walk(value, path.split('.'));
}

/** Returns true if two ids have a name in common, or if the recorded id has no name. */
function sameId(want: Value, got: Value): boolean {
  if (typeof want !== 'string' || typeof got !== 'string' || !want.startsWith('#') || !got.startsWith('#'))
    return false;
  if (want === '#id') return /^#[\w|]+$/.test(got) && !['#sec', '#int64', '#masked', '#any'].includes(got);
  const names = got.slice(1).split('|');
  return want
    .slice(1)
    .split('|')
    .some((name) => names.includes(name));
}

/** Returns a line for each difference of two replies. */
export function differences(want: Value, got: Value, path = ''): string[] {
  if (Object.is(want, got) || sameId(want, got)) return [];
  if (isParent(want) && isParent(got) && Array.isArray(want) === Array.isArray(got)) {
    const left = new Map(Object.entries(got));
    const lines: string[] = [];
    for (const [key, item] of Object.entries(want)) {
      const same = left.has(key) ? key : [...left.keys()].find((name) => sameId(key, name));
      lines.push(
        ...differences(item, same === undefined ? undefined : left.get(same), path ? `${path}.${key}` : key),
      );
      if (same !== undefined) left.delete(same);
    }
    return [
      ...lines,
      ...[...left].flatMap(([key, item]) => differences(undefined, item, path ? `${path}.${key}` : key)),
    ];
  }
  return [`${path}: want ${JSON.stringify(want)?.slice(0, 300)} got ${JSON.stringify(got)?.slice(0, 300)}`];
}

/** Returns an array in the recorded order, as far as items are the same. */
function inOrderOf(want: readonly Json[], got: readonly Json[]): Json[] {
  const left = [...got];
  const ordered = want.map((item) => {
    const index = left.findIndex((other) => differences(item, other).length === 0);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  });
  return [...ordered.map((item) => item ?? left.shift()).filter((item) => item !== undefined), ...left];
}

function compare(step: Step, reply: Json, vars: Vars): string[] {
  const got = normalise(reply, vars);
  for (const path of step.mask ?? []) visit(got, path, (parent, key) => (parent[key] = '#masked'));
  for (const path of step.sort ?? []) {
    const wanted = new Map<string, Json>();
    visit(step.expect, path, (parent, key) => wanted.set(key, parent[key] ?? null));
    visit(got, path, (parent, key) => {
      const want = wanted.get(key);
      const items = parent[key];
      if (Array.isArray(want) && Array.isArray(items)) parent[key] = inOrderOf(want, items);
    });
  }
  if (step.error === 'any' && isObject(got) && got['error'])
    return differences(step.expect, { ...got, error: '#any' });
  return differences(step.expect, got);
}

/** Sends the requests of a scenario. Returns a text for each step whose reply differs from the recorded one. */
export async function play(scenario: Scenario, send: Send): Promise<string[]> {
  const vars: Vars = { ...scenario.vars };
  if ('tmp' in vars) vars['tmp'] = temporaryFolder();
  const lines: string[] = [];
  for (const [index, step] of scenario.steps.entries()) {
    const { action, version = 6, params } = step.do;
    const request = { action, version, ...(params === undefined ? {} : { params: fill(params, vars) }) };
    const reply = await send(request);
    for (const [name, path] of Object.entries(step.save ?? {})) vars[name] = pick(reply, path);
    const different = compare(step, reply, vars);
    if (different.length > 0) lines.push(`step ${index + 1} ${action}\n   ${different.join('\n   ')}`);
  }
  return lines;
}
