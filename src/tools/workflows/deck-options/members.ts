import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { isList, isObject, own, type Json, type JsonObject } from '../../../lib/json.ts';
import { nearest } from '../../../lib/nearest.ts';
import { membersOf } from '../../preset-members.ts';

/** Members whose numbers have fractions. The others take integers. */
const fractional =
  /^(?:rev\.(?:ivlFct|ease4|hardFactor)|lapse\.mult|desiredRetention|sm2Retention|secondsToShow\w+|(?:new|lapse)\.delays|easyDaysPercentages|fsrs\w+)$/;

/** Returns a copy of a preset with other values at dotted paths. */
export function withMembers(config: JsonObject, members: ReadonlyMap<string, Json>): JsonObject {
  const changed: Record<string, Json | undefined> = { ...config };
  for (const [path, value] of members) {
    const [name = '', inner] = path.split('.');
    if (inner === undefined) changed[name] = value;
    else {
      const group = own(changed, name);
      changed[name] = { ...(isObject(group) ? group : {}), [inner]: value };
    }
  }
  return changed;
}

const isNumber = (value: Json, path: string): boolean =>
  typeof value === 'number' &&
  Number.isFinite(value) &&
  value >= 0 &&
  (fractional.test(path) || Number.isInteger(value));

/** Returns the values to set, in their types. Throws AnkiRefused for an unknown path or a wrong type. */
export function checked(wanted: JsonObject, config: JsonObject): Map<string, Json> {
  const known = membersOf(config);
  const values = new Map<string, Json>();
  for (const [path, value = null] of Object.entries(wanted)) {
    const old = known.get(path);
    if (old === undefined) {
      const similar = nearest(path, known.keys());
      const hint =
        similar === undefined ? 'Call deckOptions without set to see all.' : `Did you mean "${similar}"?`;
      throw new AnkiRefused(`Nothing was changed: there is no option "${echo(path)}". ${hint}`);
    }
    const read =
      typeof old === 'number' && typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    const expected = expectedBy(path, old, read);
    if (expected !== undefined) {
      throw new AnkiRefused(
        `Nothing was changed: ${path} must be ${expected}, not ${echo(JSON.stringify(value))}. It is ${echo(JSON.stringify(old))} now.`,
      );
    }
    values.set(path, read);
  }
  return values;
}

/** Returns what a value must be, if it is not of the type of the old one. */
function expectedBy(path: string, old: Json, value: Json): string | undefined {
  const number = fractional.test(path) ? 'any number of at least 0' : 'integer of at least 0';
  if (typeof old === 'number') return isNumber(value, path) ? undefined : `an ${number}`;
  if (typeof old === 'object' && old !== null && isList(old)) {
    const isValid =
      typeof value === 'object' &&
      value !== null &&
      isList(value) &&
      value.every((item) => isNumber(item, path));
    return isValid ? undefined : `a list, each item an ${number}`;
  }
  return typeof value === typeof old ? undefined : `a ${typeof old}`;
}
