import type { FsrsPreset, FsrsState } from '../../../../contract/engine/fsrs.ts';
import { AnkiRefused } from '../../../../contract/errors.ts';
import { EngineError } from '../../process/engine-error.ts';
import type { RpcResponse } from '../../process/rpc.ts';
import type { Collection } from '../../session/collection.ts';

/** The deck options of a deck, with all presets. */
export type Form = RpcResponse<'get_deck_configs_for_update'>;
type Preset = NonNullable<Form['allConfig'][number]['config']>;

/** Returns the deck options of a deck. Throws AnkiRefused for a filtered one. */
export async function formOf(collection: Collection, deckId: number): Promise<Form> {
  try {
    return await collection.call('get_deck_configs_for_update', { did: BigInt(deckId) });
  } catch (error) {
    if (!(error instanceof EngineError) || !error.message.includes('not normal')) throw error;
    throw new AnkiRefused(
      'Nothing was changed: this is a filtered deck, which has no preset. Its cards keep the options of their own decks: name one of these.',
    );
  }
}

/** Returns the preset of the form's deck. */
export function presetOf({ allConfig, currentDeck }: Form): Preset {
  const found = allConfig.find(({ config }) => config?.id === currentDeck?.configId)?.config;
  if (!found)
    throw new AnkiRefused('Nothing was changed: the deck has no preset. Check the database in Anki.');
  return found;
}

/** Returns a 32-bit number with as few digits as identify it: 0.8999999761581421 becomes 0.9. */
export const short = (value: number): number =>
  [6, 7, 8]
    .map((digits) => Number(value.toPrecision(digits)))
    .find((each) => Math.fround(each) === Math.fround(value)) ?? value;

/** Returns a preset's parameters, of the newest version that it has. Empty: the defaults. */
export function parametersOf({ config }: Preset): number[] {
  const versions = [config?.fsrsParams6, config?.fsrsParams5, config?.fsrsParams4];
  return versions.find((each) => each && each.length > 0) ?? [];
}

const describe = (preset: Preset, decks: number): FsrsPreset => ({
  id: Number(preset.id),
  name: preset.name,
  decks,
  parameters: parametersOf(preset).map(short),
  desiredRetention: short(preset.config?.desiredRetention ?? 0),
  search: preset.config?.paramSearch ?? '',
  ignoreBefore: preset.config?.ignoreRevlogsBeforeDate ?? '',
});

export const stateOf = (form: Form): FsrsState => ({
  on: form.fsrs,
  daysSinceOptimize: form.daysSinceLastFsrsOptimize,
  presets: form.allConfig.flatMap(({ config, useCount }) => (config ? [describe(config, useCount)] : [])),
  presetId: Number(presetOf(form).id),
  deckRetention: retentionOfDeck(form) ?? null,
});

/** Returns the deck's own desired retention, if it has one. */
export const retentionOfDeck = ({ currentDeck }: Form): number | undefined => {
  const own = currentDeck?.limits?.desiredRetention;
  return own === undefined ? undefined : short(own);
};
