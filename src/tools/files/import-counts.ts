import type { Backend, CallOptions } from '../../contract/backend.ts';
import { everything } from '../search-terms.ts';
import { contentOf } from './content.ts';

/** Runs a call that merges packages, and reports the size of the collection before and after. The engine itself reports more. */
export async function withImportCounts<T>(
  backend: Backend,
  options: CallOptions,
  run: () => Promise<T>,
): Promise<T> {
  if (backend.kind === 'engine') return run();
  const before = await contentOf(backend, everything, options);
  const response = await run();
  const after = await contentOf(backend, everything, options);
  if (before !== undefined && after !== undefined) {
    options.report?.(
      `Before the call the collection had ${before}, and now it has ${after}. Anki-Connect does not report which notes of a package were added, updated or skipped.`,
    );
  }
  return response;
}
