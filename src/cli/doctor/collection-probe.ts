import { access, constants, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runForJson } from './run.ts';

const script = fileURLToPath(new URL('./collection-probe.py', import.meta.url));

const probeSchema = z.object({
  /** The process that has the collection open; 0 if the system does not report which, null if there is none. */
  holder: z.int().nullable(),
  schema: z.int().optional(),
  /** Time of the last change or review in epoch milliseconds. In the future, if a clock was wrong. */
  newest: z.number().optional(),
  problem: z.string().optional(),
});

/** What can be seen of a collection file without changing it. If a program has it open, only `holder` is known. */
export type Probe = z.output<typeof probeSchema> & {
  /** The last program that had the collection open did not close it. */
  readonly unclean: boolean;
};

/** Examines a collection file with Python. Returns undefined if there is no readable file. */
export async function probe(path: string, python: string): Promise<Probe | undefined> {
  try {
    await access(path, constants.R_OK);
    if (!(await stat(path)).isFile()) return undefined;
  } catch {
    return undefined;
  }
  const wal = await stat(`${path}-wal`).catch(() => undefined);
  const found = await runForJson(probeSchema, python, ['-I', '-S', '-B', script, path]);
  return { ...found, unclean: (wal?.size ?? 0) > 0 };
}
