import type { Backend } from '../../../contract/backend.ts';
import { operationsOf } from '../../../contract/backend.ts';
import type { OperationResult } from '../../../contract/engine/index.ts';
import { Unavailable } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { maxSamples } from './difference.ts';

/** Returns a copy of the collection. The caller closes it. Throws Unavailable on a desktop. */
export async function copyOf({ backend }: Pick<Context, 'backend'>): Promise<Backend> {
  operationsOf(backend); // throws if there is no engine
  const copy = await backend.copy?.();
  if (!copy) throw new Unavailable(`${backend.place} cannot be copied, so nothing was tried or changed.`);
  return copy;
}

/** Compares two copies. */
export const compared = (before: Backend, after: Backend): Promise<OperationResult<'difference'>> =>
  operationsOf(after)('difference', { before: before.place, samples: maxSamples });
