import type { ActionName, Input, Output } from '../../contract/index.ts';
import type { Json } from '../../lib/json.ts';
import type { Call } from './in-order.ts';

/** How to say what a write did: from the same reads before and after it. */
export interface Rule<N extends ActionName, T> {
  /** Starts all reads in one tick. */
  readonly observe: (params: Input<N>, call: Call) => Promise<T>;
  /** Returns a sentence, or nothing if the result itself says enough. */
  readonly describe: (change: {
    readonly params: Input<N>;
    readonly result: Output<N>;
    readonly before: T;
    readonly after: T;
  }) => string | undefined;
}

export interface Written {
  readonly result: Json;
  readonly sentence: string | undefined;
}

/** Runs a write between its reads. A read that fails leaves out the sentence, never the write. */
export type Summary = (params: Json, call: Call, write: () => Promise<Json>) => Promise<Written>;

export const summary =
  <N extends ActionName, T>(_name: N, { observe, describe }: Rule<N, T>): Summary =>
  async (json, call, write) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of this action parsed the parameters
    const params = json as Input<N>;
    const attempt = () => observe(params, call).catch(() => undefined);
    const reads = [attempt()];
    const writing = write();
    reads.push(attempt());
    const result = await writing;
    const [before, after] = await Promise.all(reads);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of this action describes the result
    const output = result as Output<N>;
    try {
      const isKnown = before !== undefined && after !== undefined;
      return { result, sentence: isKnown ? describe({ params, result: output, before, after }) : undefined };
    } catch {
      return { result, sentence: undefined }; // replies of another form than Anki-Connect's
    }
  };
