import type { Call, Capabilities } from '../../contract/backend.ts';
import { countOf } from '../../lib/wording.ts';
import { find } from '../search-ids.ts';

/** Reads what a call is about to change, with a few requests. */
export interface Scan {
  readonly capabilities: Capabilities;
  /** False if nothing is backed up before it is lost. */
  readonly makesBackups: boolean;
  /** Direction of a full sync that the user allowed. */
  readonly fullSync: 'upload' | 'download' | undefined;
  /** Whether the collection has a sync account. */
  readonly hasAccount: boolean;
  readonly call: Call;
}

/** Returns how many of the cards were reviewed: "37 of them reviewed". */
export const reviewedShare = async (scan: Scan, searches: readonly string[]): Promise<string> => {
  const cards = await find(
    scan,
    'findCards',
    searches.map((search) => `(${search}) prop:reps>0`),
  );
  return `${cards.length > 0 ? cards.length.toLocaleString('en') : 'none'} of them reviewed`;
};

/** Returns, for example, "with 412 cards, 37 of them reviewed". */
export async function withCards(scan: Scan, searches: readonly string[]): Promise<string> {
  const [cards, share] = await Promise.all([
    find(scan, 'findCards', searches),
    reviewedShare(scan, searches),
  ]);
  return cards.length > 0 ? `with ${countOf(cards.length, 'card')}, ${share}` : 'without cards';
}
