import { afterEach, beforeEach } from 'vitest';
import type { ActionName, Output, Params } from '../../src/contract/index.ts';
import { typedCall, capabilitiesOf, type Backend } from '../../src/contract/backend.ts';
import type { Engine } from '../../src/backends/engine/engine.ts';
import type { MediaPolicy } from '../../src/tools/media/media-policy.ts';
import { runTool } from '../../src/tools/tool.ts';
import { temporaryEngine } from './collection.ts';
import type { Json } from '../../src/lib/json.ts';

/** Anki's engine on a new collection with the deck German::Verbs, made for each test of the importing file. */
export let engine: Engine;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  await engine.call('createDeck', { deck: 'German::Verbs' });
});
afterEach(() => close());

/** A backend that records its requests. Each call is one request, as on the desktop. */
export class Watched implements Backend {
  readonly kind = 'anki-connect';
  readonly capabilities = capabilitiesOf[this.kind];
  readonly place = 'here';
  readonly requests: string[] = [];
  readonly #backend: Backend;
  readonly #intercept: (name: ActionName, params: Json, sent: () => Promise<unknown>) => Promise<unknown>;

  constructor(
    backend: Backend,
    intercept: (name: ActionName, params: Json, sent: () => Promise<unknown>) => Promise<unknown> = (
      _name,
      _params,
      sent,
    ) => sent(),
  ) {
    this.#backend = backend;
    this.#intercept = intercept;
  }

  readonly call = typedCall(this);

  async request<N extends ActionName>(name: N, params: Params<N>): Promise<Output<N>> {
    const text = JSON.stringify(params);
    const children = [...text.matchAll(/"action":"(\w+)"/g)].map(([, action]) => action);
    this.requests.push(name === 'multi' ? [...new Set(children)].join('+') : name);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reply to this call
    return (await this.#intercept(name, params, () => this.#backend.request(name, params))) as Output<N>;
  }

  close = async () => {};
}

export interface Note {
  readonly index?: number;
  readonly first?: string;
  readonly outcome: string;
  readonly id?: number | undefined;
  readonly why?: string;
  readonly sameAs?: number;
  readonly warnings?: string[];
  readonly stored?: Record<string, string>;
  readonly at?: string;
  readonly deckName?: string;
  readonly modelName?: string;
  readonly media?: { readonly filename: string; readonly stored: string; readonly why: string }[];
}

export interface Saved {
  readonly notes: Note[];
  readonly createdIds?: number[];
  readonly created?: number;
  readonly cards?: number;
  readonly suspended?: number;
  readonly updated?: number;
  readonly unchanged?: number;
  readonly alreadyThere?: number;
  readonly twiceInCall?: number;
  readonly invalid?: number;
  readonly dryRun?: string;
  readonly decksMade?: string[];
}

/** Returns the result of saveNotes as the client receives it: `notes` has those that deviate. */
export async function saveRaw(args: object, backend: Backend = engine, media?: MediaPolicy): Promise<Saved> {
  const names = new Set(['saveNotes']);
  const answer = await runTool({ backend, names, name: 'saveNotes', args, media });
  if (!('result' in answer)) throw new Error('no result');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the result of saveNotes
  return answer.result as unknown as Saved;
}

/** Returns the result with an outcome for each note of the call. Ordinary ones have outcome and id only. */
export async function save(args: object, backend?: Backend, media?: MediaPolicy): Promise<Saved> {
  const saved = await saveRaw(args, backend, media);
  const sent: { readonly notes: readonly { readonly id?: number }[] } = JSON.parse(JSON.stringify(args));
  const listed = new Map(saved.notes.map((note) => [note.index, note]));
  const ids = [...(saved.createdIds ?? [])];
  const ofUpdates = (saved.updated ?? 0) > 0 ? 'updated' : 'unchanged';
  const notes = sent.notes.map(({ id }, index): Note => {
    const note = listed.get(index);
    const createdId =
      (note?.outcome ?? 'created') === 'created' && id === undefined ? ids.shift() : undefined;
    if (note) return note;
    return id === undefined ? { outcome: 'created', id: createdId } : { outcome: ofUpdates, id };
  });
  return { ...saved, notes };
}

export const basic = { deckName: 'German::Verbs', modelName: 'Basic' };
export const card = (Front: string, Back = 'x', more: object = {}) => ({ fields: { Front, Back }, ...more });

export const one = async (note: object, more: object = {}): Promise<Note> => {
  const { notes } = await save({ ...basic, notes: [note], ...more });
  const [saved] = notes;
  if (!saved || notes.length !== 1) throw new Error(JSON.stringify(notes));
  return saved;
};

export const fieldsOf = async (id: number | undefined) => {
  const [note] = await engine.call('notesInfo', { notes: [id ?? 0] });
  return Object.fromEntries(Object.entries(note?.fields ?? {}).map(([name, { value }]) => [name, value]));
};

export const count = async () => (await engine.call('findNotes', { query: '' })).length;

/** A small picture, in base64. */
export const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
