import type { Backend } from '../../../contract/backend.ts';
import { operationsOf } from '../../../contract/backend.ts';
import type { OperationResult } from '../../../contract/engine/index.ts';
import { Unavailable } from '../../../contract/errors.ts';
import { maxSamples } from './difference.ts';

/** Runs work with a copy of the collection, and deletes the copy afterwards. Throws Unavailable on a desktop. */
export async function withCopy<T>(backend: Backend, work: (copy: Backend) => Promise<T>): Promise<T> {
  operationsOf(backend); // throws if there is no engine
  const copy = await backend.copy?.();
  if (!copy) throw new Unavailable(`${backend.place} cannot be copied, so nothing was tried or changed.`);
  try {
    return await work(copy);
  } finally {
    await copy.close();
  }
}

/** Compares two copies. */
export const compared = (before: Backend, after: Backend): Promise<OperationResult<'difference'>> =>
  operationsOf(after)('difference', { before: before.place, samples: maxSamples });
