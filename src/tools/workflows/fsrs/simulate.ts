import type { FsrsPreset, SimulatedDays } from '../../../contract/engine/fsrs.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { ofPreset } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { average, chartOf, sum, tenth } from './chart.ts';
import { deckAndPreset, requireRetention } from './deck.ts';

/** What if: settings that differ from those of today. */
export interface Scenario {
  readonly newPerDay?: number | undefined;
  readonly retention?: number | undefined;
  readonly daysOff?: number | undefined;
  readonly reviewLimit?: number | undefined;
  readonly extraCards?: number | undefined;
}

/** As good as no limit. With the preset's own limit, new cards would wait for reviews that it holds back. */
const noReviewLimit = 9999;
/** A hundred years; lists of many more days exceed the stack. */
const maxDays = 36_500;

/** Maximum number of cards times days in one simulation, which cannot be stopped: about 20 seconds. */
const maxCardDays = 50_000_000;

/** Simulates the coming days with the settings of today, and with those of each scenario. */
export async function simulate(
  context: Context,
  deckName: string,
  days: number,
  scenarios: readonly Scenario[],
) {
  if (days < 1 || days > maxDays)
    throw new AnkiRefused(`Nothing was simulated: days must be from 1 to ${maxDays}.`);
  for (const { retention, daysOff = 0 } of scenarios) {
    requireRetention(retention);
    if (daysOff > days)
      throw new AnkiRefused(`Nothing was simulated: daysOff must be at most days (${days}), not ${daysOff}.`);
  }
  const { deck, term, preset, state } = await deckAndPreset(context, deckName);
  const search = `${term} -is:suspended`;
  const find = (query: string) => context.call('findCards', { query }).then(({ length }) => length);
  const [cards, unseen, others] = await Promise.all([
    find(search),
    find(`${search} is:new`),
    find(`${search} -${ofPreset(preset.name)}`),
  ]);
  const extra = Math.max(0, ...scenarios.map(({ extraCards = 0 }) => extraCards));
  if ((cards + extra) * days > maxCardDays)
    throw new AnkiRefused(
      `Nothing was simulated: ${cards + extra} cards over ${days} days take too long. Use at most ${Math.floor(maxCardDays / (cards + extra))} days, or a smaller deck.`,
    );
  const run = async ({ daysOff = 0, extraCards = 0, reviewLimit = noReviewLimit, ...rest }: Scenario) =>
    context.operate('simulateReviews', {
      deckId: deck.id,
      search,
      days,
      daysOff,
      extraCards,
      reviewLimit,
      ...rest,
    });
  const today = await run({});
  const results = new Map([['today', today]]);
  const compared: ReturnType<typeof comparison>[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    context.signal?.throwIfAborted();
    context.progress?.(`scenario ${index + 1} of ${scenarios.length}`);
    const result = await run(scenario);
    const name = `${index + 1}: ${nameOf(scenario)}`;
    results.set(name, result);
    compared.push(comparison(name, result, today));
  }
  return {
    result: {
      deck: deck.name,
      preset: preset.name,
      days,
      simulated: { cards, new: unseen },
      today: { ...settingsOf(today), ...figuresOf(today) },
      scenarios: compared,
      chart: chartOf(
        'minutes a day',
        new Map([...results].map(([name, { seconds }]) => [name, minutes(seconds)])),
      ),
      notes: notesOn(results, scenarios, { preset, on: state.on, unseen, others }),
    },
  };
}

const minutes = (seconds: readonly number[]): number[] => seconds.map((each) => each / 60);

const settingsOf = ({ newPerDay, retention }: SimulatedDays) => ({ newPerDay, retention });

/** What a person wants to know of a simulation. */
const figuresOf = ({ reviews, newCards, seconds, remembered }: SimulatedDays) => ({
  reviewsPerDay: tenth(average(reviews)),
  minutesPerDay: tenth(average(minutes(seconds))),
  most: { day: reviews.indexOf(Math.max(...reviews)) + 1, reviews: Math.max(...reviews) },
  newCardsLearned: sum(newCards),
  remembered: { first: Math.round(remembered[0] ?? 0), last: Math.round(remembered.at(-1) ?? 0) },
});

const comparison = (scenario: string, result: SimulatedDays, today: SimulatedDays) => ({
  scenario,
  ...settingsOf(result),
  ...figuresOf(result),
  compared: difference(result, today),
});

/** Returns how much more one has than the other. */
const difference = (one: SimulatedDays, other: SimulatedDays) => ({
  reviewsPerDay: tenth(average(one.reviews) - average(other.reviews)),
  minutesPerDay: tenth((average(one.seconds) - average(other.seconds)) / 60),
  remembered: Math.round((one.remembered.at(-1) ?? 0) - (other.remembered.at(-1) ?? 0)),
});

const nameOf = ({ newPerDay, retention, daysOff, reviewLimit, extraCards }: Scenario): string =>
  [
    newPerDay === undefined ? '' : `${newPerDay} new a day`,
    retention === undefined ? '' : `${tenth(retention * 100)} % retention`,
    daysOff === undefined ? '' : `${daysOff} days off`,
    reviewLimit === undefined ? '' : `at most ${reviewLimit} reviews`,
    extraCards === undefined ? '' : `${extraCards} more cards`,
  ]
    .filter(Boolean)
    .join(', ') || 'no change';

interface Circumstances {
  readonly preset: FsrsPreset;
  readonly on: boolean;
  readonly unseen: number;
  readonly others: number;
}

/** Says what limits the truth of the figures. */
function notesOn(
  results: ReadonlyMap<string, SimulatedDays>,
  scenarios: readonly Scenario[],
  { preset, on, unseen, others }: Circumstances,
): string[] {
  const lasting = [...results].filter(
    ([, { newPerDay, newCards }]) => newPerDay > 0 && newCards.at(-1) === 0,
  );
  const [[, today] = []] = results;
  const over = today?.reviews.filter((count) => count > today.ownLimit).length ?? 0;
  return [
    'Without a limit on reviews, unless a scenario has reviewLimit: a limit would hide how many are due.',
    ...(over > 0
      ? [`The deck's limit of ${today?.ownLimit} reviews a day is exceeded on ${over} days of "today".`]
      : []),
    ...(on
      ? []
      : [
          'FSRS is off, so the real intervals are those of the old scheduler. This is how it would be with FSRS.',
        ]),
    ...(preset.parameters.length > 0
      ? []
      : ["With Anki's default parameters: optimize adapts them to this user."]),
    ...(others > 0
      ? [`${others} cards of child decks have another preset. Here they count as cards of "${preset.name}".`]
      : []),
    ...(lasting.length > 0
      ? [
          `New cards run out (${lasting.map(([name]) => name).join('; ')}): the deck has ${unseen}. extraCards adds some to a scenario.`,
        ]
      : []),
    ...(scenarios.some(({ daysOff = 0 }) => daysOff > 0)
      ? ['Days off begin today: Anki cannot simulate a later break.']
      : []),
  ];
}
