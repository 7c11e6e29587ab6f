import type { FilteredOrder, FilteredSearch } from '../../../contract/engine/filtered-deck.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { dateInDays, daysSince } from '../../anki-day.ts';
import { inDecks, withTag, type DeckIds } from '../../search-terms.ts';

export const presets = ['forgotten', 'ahead', 'tag', 'exam', 'new'] as const;
type PresetName = (typeof presets)[number];

/** As good as no limit. */
export const maxCards = 9999;

export interface PresetChoice {
  readonly preset: PresetName;
  /** Restricts it to this deck and its child decks. */
  readonly from?: string | undefined;
  readonly tag?: string | undefined;
  readonly days?: number | undefined;
  /** Day of the exam, YYYY-MM-DD. */
  readonly date?: string | undefined;
}

export interface Plan {
  readonly name: string;
  readonly searches: readonly FilteredSearch[];
  readonly reschedule: boolean;
  /** Days until the exam. */
  readonly daysLeft?: number;
}

/** Returns the name, searches and kind of a filtered deck for a purpose, as Anki's custom study has them. */
export function planOf(choice: PresetChoice, ids: DeckIds, hasFsrs: boolean): Plan {
  const { preset, from, tag, date, days = preset === 'new' ? 7 : 1 } = choice;
  const place = from === undefined ? '' : inDecks([from], ids);
  const term = (text: string, order: FilteredOrder): FilteredSearch => {
    const parts = [place, tag === undefined ? '' : withTag(tag), text];
    return { search: parts.filter(Boolean).join(' '), limit: maxCards, order };
  };
  const study: Readonly<Record<PresetName, () => Plan>> = {
    forgotten: () => ({
      name: days === 1 ? 'Forgotten today' : `Forgotten in ${days} days`,
      searches: [term(`rated:${days}:1`, 'random')],
      reschedule: false,
    }),
    ahead: () => ({
      name: `Ahead ${days} days`,
      searches: [term(`prop:due<=${days}`, 'due')],
      reschedule: true,
    }),
    new: () => ({ name: 'New cards', searches: [term(`is:new added:${days}`, 'added')], reschedule: false }),
    tag: () => {
      if (tag === undefined) throw new AnkiRefused('Nothing was changed: the preset tag needs tag.');
      return { name: `Tag ${tag.replaceAll('::', ' ')}`, searches: [term('', 'random')], reschedule: false };
    },
    exam: () => {
      const left = daysUntil(date);
      return {
        name: `Exam ${date ?? ''}`,
        searches: [term(`prop:due<=${left}`, hasFsrs ? 'lowest recall' : 'due'), term('is:new', 'added')],
        reschedule: false,
        daysLeft: left,
      };
    },
  };
  return study[preset]();
}

/** Throws AnkiRefused for an order that Anki only has with FSRS. Its own error would empty the undo list. */
export function requireOrders(searches: readonly FilteredSearch[], hasFsrs: boolean): void {
  const refused = searches.find(({ order }) => order.endsWith('recall'));
  if (hasFsrs || !refused) return;
  throw new AnkiRefused(
    `Nothing was changed: the order "${refused.order}" needs FSRS, which is off. Use due, or turn FSRS on (tool fsrs, action set).`,
  );
}

/** Returns the days until a date. Throws AnkiRefused if it is no date from today on. */
function daysUntil(date: string | undefined): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date ?? '') ? new Date(`${date}T12:00:00`) : undefined;
  const days = day ? -daysSince(day.getTime()) : Number.NaN;
  if (days >= 0 && dateInDays(days) === date) return days;
  throw new AnkiRefused(
    `Nothing was changed: the preset exam needs date, a day from today on as YYYY-MM-DD, such as ${dateInDays(14)}.`,
  );
}
