import type { FsrsChange, FsrsEffect } from '../../../../contract/engine/fsrs.ts';
import type { Collection } from '../../session/collection.ts';
import { formOf, presetOf, type Form } from './form.ts';

type Preset = ReturnType<typeof presetOf>;

/** Changes FSRS by saving the deck options of a deck, and returns what moved. */
export async function change(collection: Collection, wanted: FsrsChange): Promise<FsrsEffect> {
  const before = await scheduleOf(collection);
  const form = await formOf(collection, wanted.deckId);
  await collection.call('update_deck_configs', {
    ...unchanged(form),
    targetDeckId: BigInt(wanted.deckId),
    configs: changedPresets(form, wanted),
    limits: limitsOf(form, wanted),
    fsrs: wanted.on ?? form.fsrs,
    fsrsReschedule: wanted.reschedule,
  });
  const after = await scheduleOf(collection);
  const { daysElapsed } = await collection.call('sched_timing_today', {});
  const shifts = [...after.due].map(([card, due]) => due - (before.due.get(card) ?? due));
  const dueToday = ({ due }: Schedule) => [...due.values()].filter((day) => day <= daysElapsed).length;
  return {
    moved: shifts.filter((days) => days !== 0).length,
    earlier: shifts.filter((days) => days < 0).length,
    later: shifts.filter((days) => days > 0).length,
    dueToday: [dueToday(before), dueToday(after)],
    memoryStates: [before.memoryStates, after.memoryStates],
    reviewLogRows: after.reviewLogRows - before.reviewLogRows,
  };
}

/** The members that saving would set to false or empty if they were left out. */
const unchanged = (form: Form) => ({
  removedConfigIds: [],
  mode: 0,
  cardStateCustomizer: form.cardStateCustomizer,
  newCardsIgnoreReviewLimit: form.newCardsIgnoreReviewLimit,
  applyAllParentLimits: form.applyAllParentLimits,
  fsrsHealthCheck: form.fsrsHealthCheck,
});

/** Returns the presets to save. The last one becomes the deck's preset, so it must be the one that it has. */
function changedPresets(form: Form, { parameters, retention, onlyDeck }: FsrsChange): Preset[] {
  const own = presetOf(form);
  const others = form.allConfig.flatMap(({ config }) =>
    config && config.id !== own.id && parameters.some(({ presetId }) => BigInt(presetId) === config.id)
      ? [config]
      : [],
  );
  return [...others, own].map((preset) => {
    const values = parameters.find(({ presetId }) => BigInt(presetId) === preset.id)?.values;
    const isRetained = preset === own && retention !== undefined && !onlyDeck;
    if (!preset.config || (!values && !isRetained)) return preset;
    const config = {
      ...preset.config,
      ...(values && { fsrsParams6: [...values] }),
      ...(isRetained && { desiredRetention: retention }),
    };
    return { ...preset, config };
  });
}

const limitsOf = ({ currentDeck }: Form, { retention, onlyDeck }: FsrsChange) =>
  onlyDeck && retention !== undefined
    ? { ...currentDeck?.limits, desiredRetention: retention }
    : currentDeck?.limits;

interface Schedule {
  /** Due day by card; of a card in a filtered deck, that of its own deck. */
  readonly due: ReadonlyMap<number, number>;
  readonly memoryStates: number;
  readonly reviewLogRows: number;
}

async function scheduleOf(collection: Collection): Promise<Schedule> {
  const rows = await collection.query(
    'select id, case when odid != 0 then odue else due end from cards where type = 2',
  );
  const [[memoryStates = 0] = []] = await collection.query(
    "select count() from cards where json_extract(case when json_valid(data) then data else '{}' end, '$.s') is not null",
  );
  const [[reviewLogRows = 0] = []] = await collection.query('select count() from revlog');
  return {
    due: new Map(rows.map(([card, due]) => [Number(card), Number(due)])),
    memoryStates: Number(memoryStates),
    reviewLogRows: Number(reviewLogRows),
  };
}
