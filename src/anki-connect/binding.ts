import { actions, type ActionName } from '../contract/index.ts';
import { AnkiRefused } from '../contract/errors.ts';
import type { Json } from '../lib/json.ts';

/** Parameters that the contract requires but Anki-Connect does not. */
const optionalOnTheWire = new Set(['deleteDecks.cardsToo', 'guiImportFile.path', 'apiReflect.scopes']);

const list = (names: readonly string[]): string => {
  const quoted = names.map((name) => `'${name}'`);
  if (quoted.length < 3) return quoted.join(' and ');
  return `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
};

/** Throws Python's error for unknown or missing parameters, as the add-on does before it runs an action. */
export function bind(name: ActionName, params: { readonly [key: string]: Json | undefined }): void {
  const { shape } = actions[name].input;
  for (const key of Object.keys(params)) {
    if (!Object.hasOwn(shape, key)) {
      throw new AnkiRefused(`AnkiConnect.${name}() got an unexpected keyword argument '${key}'`);
    }
  }
  const missing = Object.entries(shape)
    .filter(
      ([key, schema]) =>
        params[key] === undefined &&
        !schema.safeParse(undefined).success &&
        !optionalOnTheWire.has(`${name}.${key}`),
    )
    .map(([key]) => key);
  refuseMissing(name, missing);
}

/** Throws Python's error if parameters are missing. */
export function refuseMissing(name: ActionName, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const arguments_ = missing.length === 1 ? 'argument' : 'arguments';
  throw new AnkiRefused(
    `AnkiConnect.${name}() missing ${missing.length} required positional ${arguments_}: ${list(missing)}`,
  );
}
