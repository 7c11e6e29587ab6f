import * as fc from 'fast-check';
import type { ManifestTool } from '../../src/tools/manifest-tool.ts';
import { hostileNumbers, hostileTexts } from './hostile.ts';

/** Contents of a collection that calls can refer to. */
export interface World {
  readonly noteIds: readonly number[];
  readonly cardIds: readonly number[];
  readonly deckIds: readonly number[];
  readonly decks: readonly string[];
  readonly optionIds: readonly number[];
  readonly modelIds: readonly number[];
  readonly models: readonly string[];
  readonly fields: readonly string[];
  readonly templates: readonly string[];
  readonly tags: readonly string[];
  readonly media: readonly string[];
  /** The folder in which files may be written. */
  readonly folder: string;
}

/** Returns a value that depends on the current contents of the collection. */
export type Draw = (world: World) => unknown;

export type Schema = ManifestTool['inputSchema'];
type Member = Schema | boolean;

const drawn = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Draw> =>
  arbitrary.map(
    (value): Draw =>
      () =>
        value,
  );

const from = (pool: (world: World) => readonly unknown[]): fc.Arbitrary<Draw> =>
  fc.nat(9999).map((index) => (world) => {
    const items = pool(world);
    return items[index % Math.max(1, items.length)] ?? index;
  });

type Pools = Readonly<Record<string, (world: World) => readonly unknown[]>>;

const decks = (world: World) => world.decks;
const models = (world: World) => world.models;
const fields = (world: World) => world.fields;
const templates = (world: World) => world.templates;
const cards = (world: World) => world.cardIds;
const notes = (world: World) => world.noteIds;

/** Plausible values by the name of the member. For a list: of its items. */
const namedTexts: Pools = {
  deck: decks,
  deckName: decks,
  decks,
  name: ({ decks, models }) => [...decks, ...models],
  modelName: models,
  modelNames: models,
  fieldName: fields,
  oldFieldName: fields,
  newFieldName: fields,
  field: fields,
  fields,
  inOrderFields: () => ['Text', 'Front', 'Back', 'Extra', '__proto__', 'constructor'],
  templateName: templates,
  oldTemplateName: templates,
  Name: templates,
  templates,
  tags: ({ tags }) => tags,
  tag_to_replace: ({ tags }) => tags,
  replace_with_tag: ({ tags }) => tags,
  filename: ({ media }) => media,
  data: () => ['aGVsbG8=', 'iVBORw0KGgo=', '', 'R0lGODlhAQABAAAAACw='],
  days: () => ['0', '3-7', '1!', '0-0', '99999999999', '7-3!'],
  Front: () => ['{{Front}}', '{{Text}} x', '{{cloze:Text}}', 'no field', '{{#Front}}a{{/Front}}'],
  Back: () => ['{{FrontSide}}<hr id=answer>{{Back}}', '{{Back}}', '{{type:Back}}'],
  findText: () => ['{{', 'Front', 'card', '.'],
  columnId: () => ['noteFld', 'template', 'cardDue', 'deck'],
  path: () => ['a.apkg', 'b.apkg', 'a.csv', 'b.txt', 'sub/../c.apkg', 'none.tsv', 'd.colpkg'],
  url: () => ['http://127.0.0.1:1/a.png', 'http://[::ffff:127.0.0.1]:1/', 'file:///etc/passwd'],
  query: ({ decks, tags, noteIds }) => [
    '',
    `nid:${noteIds.join(',')}`,
    ...decks.map((deck) => `"deck:${deck}"`),
    ...tags.map((tag) => `tag:${tag} or is:due`),
    'Front:_* -is:new',
    'a*b "c d" (is:new or prop:ivl>=1)',
  ],
};

const namedNumbers: Pools = {
  cards,
  card: cards,
  cardId: cards,
  reviews: ({ cardIds }) => [...cardIds, -1, 1, 2, 3, 4, 1000, 2500],
  newValues: ({ cardIds, noteIds, deckIds }) => [...cardIds, ...noteIds, ...deckIds, 0, 1, 2, 7],
  notes,
  note: ({ noteIds, cardIds }) => [...noteIds, ...cardIds],
  id: ({ noteIds, optionIds }) => [...noteIds, ...optionIds],
  deckId: ({ deckIds }) => deckIds,
  configId: ({ optionIds }) => optionIds,
  cloneFrom: ({ optionIds }) => optionIds,
  modelIds: ({ modelIds }) => modelIds,
  modelId: ({ modelIds }) => modelIds,
  easeFactors: () => [1300, 2500, 0],
  limit: () => [1, 2, 50],
  offset: () => [0, 1, 50],
  index: () => [0, 1, 2],
};

const hostileString = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
);
const hostileText = drawn(hostileString);
const hostileName = drawn(hostileString.filter((name) => name !== ''));

const all = (draws: readonly Draw[]): Draw => {
  return (world) => draws.map((draw) => draw(world));
};

type Pair = readonly [key: Draw, value: Draw];

const entries = (pairs: readonly Pair[]): Draw => {
  // As JSON.parse does, this treats __proto__ as an ordinary member.
  return (world) => Object.fromEntries(pairs.map(([key, value]) => [String(key(world)), value(world)]));
};

/** Without permission, media from a path or URL are refused, and with them the call. */
const refused = new Set(['path', 'url']);

/** Returns the full schema of a member that the manifest describes only once. */
export type Shared = (name: string) => Schema | undefined;

/** Generates values that a JSON schema of the tool list allows. */
export class FromSchema {
  readonly #shared: Shared;
  readonly #calm: boolean;

  /** If `calm`, values mostly refer to existing things and optional members are rare, so that calls succeed more often. */
  constructor(shared: Shared, calm: boolean) {
    this.#shared = shared;
    this.#calm = calm;
  }

  of(member: Member, name = ''): fc.Arbitrary<Draw> {
    if (typeof member === 'boolean') return hostileText;
    const schema = member.description?.startsWith('As in ') ? (this.#shared(name) ?? member) : member;
    const { anyOf, enum: choice, const: only } = schema;
    if (anyOf) return fc.oneof(...anyOf.map((each) => this.of(each, name)));
    if (choice) return drawn(fc.constantFrom(...choice));
    if (only !== undefined) return drawn(fc.constant(only));
    const types = [schema.type ?? 'object'].flat();
    return fc.oneof(...types.map((type) => this.#ofType(type, schema, name)));
  }

  #ofType(type: string, schema: Schema, name: string): fc.Arbitrary<Draw> {
    if (type === 'string') return this.#text(schema, name);
    if (type === 'integer') return this.#integer(schema, name);
    if (type === 'number')
      return fc.oneof(this.#integer(schema, name), drawn(fc.constantFrom(...hostileNumbers)));
    if (type === 'boolean') return drawn(fc.boolean());
    if (type === 'null') return drawn(fc.constant(null));
    return type === 'array' ? this.#list(schema, name) : this.#object(schema, name);
  }

  #mostly(pool: Pools[string] | undefined, others: fc.Arbitrary<Draw>): fc.Arbitrary<Draw> {
    if (!pool) return others;
    return fc.oneof({ weight: this.#calm ? 30 : 3, arbitrary: from(pool) }, { weight: 1, arbitrary: others });
  }

  #text({ pattern, minLength = 0 }: Schema, name: string): fc.Arbitrary<Draw> {
    const pool = namedTexts[name];
    if (pattern === undefined) return this.#mostly(pool, minLength > 0 ? hostileName : hostileText);
    const matching = (world: World) =>
      pool?.(world).filter((each) => new RegExp(pattern).test(String(each))) ?? [];
    return from(matching);
  }

  #integer({ minimum, maximum, exclusiveMinimum }: Schema, name: string): fc.Arbitrary<Draw> {
    const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : Number.MIN_SAFE_INTEGER;
    const [min, max] = [minimum ?? above, maximum ?? Number.MAX_SAFE_INTEGER];
    const edges = hostileNumbers.filter((edge) => Number.isSafeInteger(edge) && edge >= min && edge <= max);
    return this.#mostly(
      namedNumbers[name],
      drawn(fc.oneof(fc.constantFrom(...edges), fc.integer({ min, max }))),
    );
  }

  #list({ items, minItems = 0, maxItems = 4 }: Schema, name: string): fc.Arbitrary<Draw> {
    const item = Array.isArray(items) ? (items[0] ?? true) : (items ?? true);
    const length = { minLength: minItems, maxLength: Math.min(maxItems, 12) };
    return fc.array(this.of(item, name), length).map(all);
  }

  #object(
    { properties = {}, required = [], additionalProperties }: Schema,
    name: string,
  ): fc.Arbitrary<Draw> {
    if (typeof additionalProperties === 'object') {
      const key = this.#mostly(namedTexts[name], hostileText);
      return fc.array(fc.tuple(key, this.of(additionalProperties)), { maxLength: 8 }).map(entries);
    }
    const members = Object.entries(properties)
      .filter(([key]) => required.includes(key) || !this.#calm || !refused.has(key))
      .map(([key, member]) => {
        const value = this.of(member, key).map((draw): Pair[] => [[() => key, draw]]);
        return required.includes(key) ? value : fc.option(value, { nil: [], freq: this.#calm ? 2 : 3 });
      });
    return fc.tuple(...members).map((pairs) => entries(pairs.flat()));
  }
}
