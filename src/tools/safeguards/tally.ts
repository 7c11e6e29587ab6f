import { kinds, type Kind } from './kinds.ts';
import type { Risk } from './rule.ts';
import { countOf } from '../../lib/wording.ts';

/** What a session has changed without a question since the last one, by kind. */
export class Tally {
  readonly #changed = new Map<Kind, Set<number | string>>();

  /** Returns the risks over the limit of their kind. */
  exceeding(risks: readonly Risk[]): Risk[] {
    const present = new Set(risks.map(({ kind }) => kind));
    return [...present].flatMap((kind) => {
      const group = risks.filter((risk) => risk.kind === kind);
      const together = new Set(this.#changed.get(kind));
      for (const { of } of group) for (const each of of) together.add(each);
      return together.size > kinds[kind].limit ? group : [];
    });
  }

  /** Counts risks that were taken without a question. */
  add(risks: readonly Risk[]): void {
    for (const { kind, of } of risks)
      this.#changed.set(kind, new Set([...(this.#changed.get(kind) ?? []), ...of]));
  }

  /** Returns an addition to a question if a small call was the one too many: ", after 20 other cards in this session". */
  before({ kind, of }: Risk): string {
    const { limit, noun } = kinds[kind];
    const here = new Set(of);
    const earlier = [...(this.#changed.get(kind) ?? [])].filter((each) => !here.has(each));
    return here.size > limit || earlier.length === 0
      ? ''
      : `, after ${countOf(earlier.length, `other ${noun}`)} in this session`;
  }

  /** Starts counting again, because the user has agreed or a backup was made. */
  reset(risks: readonly Risk[]): void {
    for (const { kind } of risks) this.#changed.delete(kind);
  }
}
