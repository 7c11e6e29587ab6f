import type { RpcResponse } from '../process/rpc.ts';
import {
  columnChart,
  formatNumber,
  formatPercent,
  page,
  section,
  sum,
  table,
  type Series,
} from './statistics-chart.ts';

type Graphs = RpcResponse<'graphs'>;
type Counts = Readonly<Record<string, number>>;
/** First and last value of a column of a chart. */
type Bin = readonly [first: number, last: number];

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Returns one column for each value. */
const singleBins = (first: number, last: number): Bin[] => range(first, last).map((value) => [value, value]);

/** Columns for intervals in days. Their ranges grow, as intervals do. */
const intervalBins: readonly Bin[] = [
  [0, 1],
  [2, 3],
  [4, 7],
  [8, 14],
  [15, 30],
  [31, 60],
  [61, 90],
  [91, 180],
  [181, 365],
  [366, 730],
  [731, Infinity],
];
/** Columns for percentages, in steps of 10. */
const percentBins: readonly Bin[] = range(0, 9).map((tenth) => [tenth * 10 + (tenth && 1), tenth * 10 + 10]);
/** Columns for ease factors in percent. */
const easeBins: readonly Bin[] = [
  [0, 149],
  ...range(6, 11).map((step): Bin => [step * 25, step * 25 + 24]),
  [300, Infinity],
];

const binName = ([first, last]: Bin): string => {
  if (first === last) return String(first);
  return last === Infinity ? `${first}+` : `${first}–${last}`;
};

/** Returns a chart of the number of values in each bin. */
const histogram = (name: string, counts: Counts | undefined, bins: readonly Bin[]): string => {
  const entries = Object.entries(counts ?? {}).map(([value, count]) => [Number(value), count] as const);
  const values = bins.map(([first, last]) =>
    sum(entries.filter(([value]) => value >= first && value <= last).map(([, count]) => count)),
  );
  return columnChart(bins.map(binName), [{ name, values }]);
};

const lastMonth = singleBins(-30, 0);

function today({ today }: Graphs): string {
  const { answerCount, answerMillis, correctCount } = today ?? {
    answerCount: 0,
    answerMillis: 0,
    correctCount: 0,
  };
  if (answerCount === 0) return 'Today: no cards studied yet.';
  const minutes = (answerMillis / 60_000).toFixed(1);
  return `Today: ${formatNumber(answerCount)} answers in ${minutes} minutes, ${formatPercent(correctCount, answerCount)} correct.`;
}

function futureDue({ futureDue }: Graphs): string {
  const due = futureDue?.futureDue ?? {};
  const overdue = sum(Object.entries(due).map(([day, count]) => (Number(day) < 0 ? count : 0)));
  const note = `Reviews in the next 30 days, by days from now. Overdue: ${formatNumber(overdue)}. Daily load: ${formatNumber(futureDue?.dailyLoad ?? 0)}.`;
  return section('Future due', note, histogram('due', due, singleBins(0, 30)));
}

function reviews({ reviews }: Graphs): string {
  const days = range(-30, 0).map((day) => reviews?.count[String(day)]);
  const series: Series[] = [
    { name: 'learning', values: days.map((day) => day?.learn ?? 0) },
    { name: 'relearning', values: days.map((day) => day?.relearn ?? 0) },
    { name: 'young', values: days.map((day) => day?.young ?? 0) },
    { name: 'mature', values: days.map((day) => day?.mature ?? 0) },
    { name: 'filtered', values: days.map((day) => day?.filtered ?? 0) },
  ];
  const total = sum(series.flatMap(({ values }) => values));
  const note = `Answers in the last 30 days, by days from now. Total: ${formatNumber(total)}, ${(total / days.length).toFixed(1)} per day.`;
  return section('Reviews', note, columnChart(lastMonth.map(binName), series));
}

function cardCounts({ cardCounts }: Graphs): string {
  const {
    newCards = 0,
    learn = 0,
    relearn = 0,
    young = 0,
    mature = 0,
    suspended = 0,
    buried = 0,
  } = cardCounts?.excludingInactive ?? {};
  const values = [newCards, learn, relearn, young, mature, suspended, buried];
  const names = ['new', 'learning', 'relearning', 'young', 'mature', 'suspended', 'buried'];
  return section(
    'Card counts',
    `${formatNumber(sum(values))} cards.`,
    columnChart(names, [{ name: 'cards', values }]),
  );
}

function hours({ hours }: Graphs): string {
  const all = hours?.oneYear ?? [];
  const series = [
    { name: 'correct', values: all.map(({ correct }) => correct) },
    { name: 'wrong', values: all.map(({ total, correct }) => total - correct) },
  ];
  return section(
    'Hours',
    'Reviews of the last year, by the hour of the day.',
    columnChart(range(0, 23).map(String), series),
  );
}

function buttons({ buttons }: Graphs): string {
  const { learning = [], young = [], mature = [] } = buttons?.oneYear ?? {};
  const series = Object.entries({ learning, young, mature }).map(([name, values]) => ({ name, values }));
  return section(
    'Answer buttons',
    'Answers of the last year.',
    columnChart(['Again', 'Hard', 'Good', 'Easy'], series),
  );
}

function retention({ trueRetention }: Graphs): string {
  const periods = ['today', 'yesterday', 'week', 'month', 'year'] as const;
  const rows = periods.map((period) => {
    const counts = trueRetention?.[period];
    const { youngPassed = 0, youngFailed = 0, maturePassed = 0, matureFailed = 0 } = counts ?? {};
    const young = youngPassed + youngFailed;
    const mature = maturePassed + matureFailed;
    const passed = youngPassed + maturePassed;
    return [
      period,
      formatPercent(youngPassed, young),
      formatPercent(maturePassed, mature),
      formatPercent(passed, young + mature),
      formatNumber(young + mature),
    ];
  });
  const body = table([['', 'young', 'mature', 'all', 'reviews'], ...rows]);
  return section(
    'True retention',
    'Share of correct answers. Only the first review of each card on a day counts.',
    body,
  );
}

/** Returns the charts of the active scheduler: stability and difficulty with FSRS, otherwise ease. */
function memory({ fsrs, eases, difficulty, stability }: Graphs): string[] {
  if (!fsrs) return [section('Card ease', 'Percent.', histogram('cards', eases?.eases, easeBins))];
  return [
    section(
      'Card stability',
      'Days until the probability of recall falls to 90 %.',
      histogram('cards', stability?.intervals, intervalBins),
    ),
    section('Card difficulty', 'Percent.', histogram('cards', difficulty?.eases, percentBins)),
  ];
}

/** Returns Anki's statistics of some cards as an HTML page without scripts or external resources. */
export function statisticsPage(scope: string, graphs: Graphs): string {
  const sections = [
    futureDue(graphs),
    reviews(graphs),
    cardCounts(graphs),
    section(
      'Review intervals',
      'Cards by the days between reviews.',
      histogram('cards', graphs.intervals?.intervals, intervalBins),
    ),
    ...memory(graphs),
    hours(graphs),
    buttons(graphs),
    section(
      'Added',
      'Cards added in the last 30 days, by days from now.',
      histogram('cards', graphs.added?.added, lastMonth),
    ),
    retention(graphs),
  ];
  return page(scope, today(graphs), sections);
}
