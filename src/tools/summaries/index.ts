import type { Backend, CallOptions } from '../../contract/backend.ts';
import type { ActionName, Input, Params } from '../../contract/index.ts';
import { Unavailable } from '../../contract/errors.ts';
import type { Json } from '../../lib/json.ts';
import { card } from './card.ts';
import { deck } from './deck.ts';
import { inOrder } from './in-order.ts';
import { media } from './media.ts';
import { model } from './model.ts';
import { note } from './note.ts';
import type { Summary } from './rule.ts';
import { search } from './search.ts';
import { tag } from './tag.ts';

const summaries: Readonly<Partial<Record<ActionName, Summary>>> = {
  ...card,
  ...deck,
  ...media,
  ...model,
  ...note,
  ...search,
  ...tag,
};

/** Runs an action, and reports what it did if Anki-Connect's result does not say it. */
export async function runReported<N extends ActionName>(
  backend: Backend,
  name: N,
  params: Params<N>,
  options: CallOptions,
): Promise<Json> {
  const summary = summaries[name];
  if (!summary) return backend.request(name, params, options);
  try {
    const call = inOrder(backend, options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of this action parsed the parameters
    const write = () => call(name, params as Input<N>);
    const { result, sentence } = await summary(params, call, write);
    if (sentence) options.report?.(sentence);
    return result;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return backend.request(name, params, options); // an old add-on without multi: nothing was carried out
  }
}
