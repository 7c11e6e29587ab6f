import type { ActionName } from '../../contract/index.ts';
import type { Backend, CallOptions } from '../../contract/backend.ts';
import type { CallFiles } from './call-files.ts';
import { withExports } from './export-files.ts';
import { withImportCounts } from './import-counts.ts';

/** Runs a call, completes its exports, and reports what it wrote and read. */
export function withReports<T>(
  { exported, mergesPackage }: CallFiles<ActionName>,
  backend: Backend,
  options: CallOptions,
  run: () => Promise<T>,
): Promise<T> {
  const runExports = () => withExports(exported, backend, options, run);
  return mergesPackage ? withImportCounts(backend, options, runExports) : runExports();
}
