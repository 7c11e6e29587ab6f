import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { deckName } from '../../../contract/schemas.ts';
import { exactName } from '../../../lib/exact-name.ts';
import { isObject, type Json, type JsonObject } from '../../../lib/json.ts';
import { membersOf } from '../../preset-members.ts';
import { namesWithin } from '../../size.ts';
import { optionsRisk } from '../../safeguards/deck-options.ts';
import { workflow, type Context } from '../../workflow.ts';
import { noSuchDeck } from '../deck-name.ts';
import { batch, joined, resultOf } from '../../joined.ts';
import { requireSamePlan } from '../same-plan.ts';
import { checked, withMembers } from './members.ts';

const input = z.strictObject({
  deck: deckName,
  set: z
    .record(z.string(), z.union([z.boolean(), z.number(), z.string(), z.array(z.number())]))
    .optional()
    .describe('{"new.perDay": 5}'),
  shared: z.boolean().optional().describe('Change it for all its decks'),
  dryRun: z.boolean().optional(),
});

const output = z.looseObject({
  preset: z.string(),
  decks: z.array(z.string()).describe('That use it'),
  options: z.record(z.string(), z.unknown()).optional(),
  changed: z.record(z.string(), z.unknown()).optional().describe('[old, new]'),
});

export const deckOptions = workflow({
  title: 'Deck options',
  description:
    'Returns the options (preset) of a deck, or changes some of them. A preset that other decks use is copied first, unless shared is true.',
  annotations: overwrites,
  input,
  output,
  async run(context, { deck, set = {}, shared = false, dryRun = false }) {
    const found = await presetOf(joined(context), deck);
    const { config, users } = found;
    const before = membersOf(config);
    const wanted = checked(set, config);
    const changes = new Map([...wanted].filter(([path, value]) => !isSame(before.get(path), value)));
    const decks = namesWithin(users, context.budget / 3);
    if (Object.keys(set).length === 0) {
      return { result: { preset: nameOf(config), decks, options: Object.fromEntries(before) } };
    }
    const isCopied = !shared && users.length > 1 && changes.size > 0;
    const preset = isCopied ? copyName(found) : nameOf(config);
    const affected = isCopied ? [found.name] : decks;
    if (dryRun || changes.size === 0) {
      const changed = changesOf(before, new Map([...before, ...changes]));
      return {
        result: {
          ...(dryRun && { dryRun: 'Nothing was changed. These are the values that the change would have.' }),
          preset,
          ...(isCopied && { copiedFrom: nameOf(config) }),
          decks: affected,
          changed,
        },
      };
    }
    const wantedConfig = withMembers(config, changes);
    const changedDecks = isCopied ? [found.name] : users;
    await context.approve({
      actions: ['deckOptions'],
      assess: async (scan) => {
        const risk = await optionsRisk(scan, changedDecks, config, wantedConfig);
        return risk ? [risk] : [];
      },
    });
    const after = await context.asOneStep(async (writing) => {
      // The whole preset is saved: what somebody else changed in it meanwhile would be lost.
      requireSamePlan(found, await presetOf(joined(writing), deck));
      return save(writing, found, changes, isCopied ? preset : undefined);
    });
    const now = membersOf(after);
    const refused = [...changes].filter(([path, value]) => !isSame(now.get(path), value));
    return {
      result: {
        preset: nameOf(after),
        ...(isCopied && { copiedFrom: nameOf(config) }),
        decks: affected,
        changed: changesOf(before, now),
        undo: 'Anki cannot undo changes of options. To restore them, set the old values.',
        ...(refused.length > 0 && {
          refused: Object.fromEntries(refused),
          why: 'Anki does not accept these values, so the old ones were kept.',
        }),
      },
    };
  },
});

/** A preset, and the decks that use it. */
interface Preset {
  /** Exact name of the deck. */
  readonly name: string;
  readonly config: JsonObject & { readonly id: number; readonly name: string };
  readonly users: readonly string[];
  readonly names: ReadonlySet<string>;
}

async function presetOf({ call }: Context, deck: string): Promise<Preset> {
  const decks = await call('deckNames', {});
  const name = exactName(deck, decks);
  if (name === undefined) throw noSuchDeck(deck, decks);
  const configs = await Promise.all(decks.map((each) => call('getDeckConfig', { deck: each })));
  const config = configs[decks.indexOf(name)];
  if (!config) throw noSuchDeck(deck, decks);
  if (config['dyn'] === 1) {
    throw new AnkiRefused(
      `"${name}" is a filtered deck, which has no preset. Its cards keep the options of their own decks.`,
    );
  }
  const isGroup = (each: (typeof configs)[number]) => each !== false && each['dyn'] !== 1;
  return {
    name,
    config,
    users: decks.filter((_, at) => {
      const each = configs[at] ?? false;
      return each !== false && isGroup(each) && each.id === config.id;
    }),
    names: new Set(configs.flatMap((each) => (each !== false && isGroup(each) ? [each.name] : []))),
  };
}

const nameOf = (config: JsonObject): string => String(config['name'] ?? '');

/** Returns an unused name for the copy: that of the deck. */
function copyName({ name, names }: Preset): string {
  if (!names.has(name)) return name;
  for (let number = 2; ; number++) if (!names.has(`${name} ${number}`)) return `${name} ${number}`;
}

/** Saves the changed preset, or a copy of it for the deck, and returns it as Anki has it then. */
async function save(
  writing: Context,
  { name, config }: Preset,
  changes: ReadonlyMap<string, Json>,
  copy: string | undefined,
): Promise<JsonObject> {
  let target: JsonObject = config;
  if (copy !== undefined) {
    const id = await writing.call('cloneDeckConfigId', { name: copy, cloneFrom: config.id });
    if (id === false)
      throw new AnkiRefused(`Nothing was changed: Anki cannot copy the preset "${config.name}".`);
    target = { ...config, id, name: copy };
    if (!(await writing.call('setDeckConfigId', { decks: [name], configId: id }))) {
      throw new AnkiRefused(`"${name}" kept its preset: Anki refused to assign the copy "${copy}" to it.`);
    }
  }
  const stored = await write(writing, name, withMembers(target, changes));
  const now = membersOf(stored);
  const old = membersOf(config);
  const refused = [...changes.keys()].filter((path) => !isSame(now.get(path), changes.get(path)));
  if (refused.length === 0) return stored;
  // For a value that it does not accept, Anki stores another one than before.
  const kept = new Map(refused.map((path) => [path, old.get(path) ?? null]));
  return write(writing, name, withMembers(stored, kept));
}

async function write(writing: Context, deck: string, config: JsonObject): Promise<JsonObject> {
  const [saved, stored] = await batch(writing, [
    { action: 'saveDeckConfig', params: { config } },
    { action: 'getDeckConfig', params: { deck } },
  ]);
  const isSaved = resultOf('saveDeckConfig', saved);
  const result = resultOf('getDeckConfig', stored);
  if (isSaved !== true || !isObject(result)) {
    throw new AnkiRefused(
      `Anki did not save the options of "${deck}" and gave no reason. Read them with deckOptions.`,
    );
  }
  return result;
}

const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const changesOf = (
  before: ReadonlyMap<string, Json>,
  after: ReadonlyMap<string, Json>,
): Record<string, Json[]> =>
  Object.fromEntries(
    [...after].flatMap(([path, value]) => {
      const old = before.get(path) ?? null;
      return isSame(old, value) ? [] : [[path, [old, value]]];
    }),
  );
