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

interface Signature {
  readonly names: ReadonlySet<string>;
  readonly required: readonly string[];
}

const signatures = new Map<ActionName, Signature>();

/** Returns the parameters of an action. They are read from its schema once. */
function signatureOf(name: ActionName): Signature {
  const known = signatures.get(name);
  if (known) return known;
  const shape = Object.entries(actions[name].input.shape);
  const isRequired = ([key, schema]: (typeof shape)[number]): boolean =>
    !schema.safeParse(undefined).success && !optionalOnTheWire.has(`${name}.${key}`);
  const keys = (members: typeof shape) => members.map(([key]) => key);
  const signature = { names: new Set(keys(shape)), required: keys(shape.filter(isRequired)) };
  signatures.set(name, signature);
  return signature;
}

/** Throws Python's error for unknown or missing parameters, as the add-on does before it runs an action. */
export function bind(name: ActionName, params: { readonly [key: string]: Json | undefined }): void {
  const { names, required } = signatureOf(name);
  for (const key of Object.keys(params)) {
    if (!names.has(key)) {
      throw new AnkiRefused(`AnkiConnect.${name}() got an unexpected keyword argument '${key}'`);
    }
  }
  refuseMissing(
    name,
    required.filter((key) => params[key] === undefined),
  );
}

/** Throws Python's error if parameters are missing. */
export function refuseMissing(name: ActionName, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const arguments_ = missing.length === 1 ? 'argument' : 'arguments';
  throw new AnkiRefused(
    `AnkiConnect.${name}() missing ${missing.length} required positional ${arguments_}: ${list(missing)}`,
  );
}
