import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Finding } from '../../../src/cli/doctor/check.ts';
import { examine } from '../../../src/cli/doctor/examine.ts';
import { asJson, asText, type Report } from '../../../src/cli/doctor/report.ts';
import type * as programs from '../../../src/cli/doctor/run.ts';
import { readConfig } from '../../../src/cli/config.ts';
import { targetOf, type Target } from '../../../src/cli/doctor/subject.ts';
import type { Program } from '../../../src/cli/program.ts';
import { actionsByCategory } from '../../../src/tools/manifest.ts';
import type { ManifestTool } from '../../../src/tools/manifest-tool.ts';
import type { System } from '../../../src/cli/system.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Creates a folder that is removed after the tests of the file. */
export const newFolder = (): string => temporaryFolder();

/** Milliseconds that only guard against hanging: the tests also pass on a computer that is busy. */
const timeoutMs = 100_000;

vi.mock('../../../src/cli/doctor/run.ts', async (original) => {
  const actual = await original<typeof programs>();
  const run: typeof actual.run = (command, args) => actual.run(command, args, timeoutMs);
  return { ...actual, run };
});

/** Returns a computer without any configuration. */
export const system = (home = newFolder(), env: NodeJS.ProcessEnv = {}): System => ({
  platform: process.platform,
  home,
  env,
});

/** Returns all files and folders with the properties that a change would modify. */
export const listing = (folder: string): readonly string[] =>
  ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].toSorted().map((name) => {
    const { size, mtimeNs, mode, ino } = statSync(join(folder, name), { bigint: true });
    return [name, size, mtimeNs, mode, ino].join(' ');
  });

export interface Examined extends Report {
  readonly text: string;
  /** Returns the first finding of this name. */
  readonly of: (name: string) => Finding;
  /** Names of the checks that are neither ok nor skipped, except `client`: no client is set up. */
  readonly wrong: readonly string[];
}

const defaults = targetOf(readConfig([], {}), undefined);

const manifest: { tools: ManifestTool[] } = JSON.parse(readFileSync('tools.manifest.json', 'utf8'));

/** The program whose entries are examined. */
export const thisProgram: Program = {
  main: 'dist/main.js',
  version: '0.0.0',
  readTools: () => manifest.tools,
  readCategories: actionsByCategory,
};

/** Runs the checks. Expects that they change nothing in these folders, and that the report does not contain the key. */
export async function examined(
  target: Partial<Target>,
  on: System = system(),
  ...folders: string[]
): Promise<Examined> {
  const watched = [on.home, ...folders];
  const before = watched.map(listing);
  const report = await examine({ ...defaults, ...target }, thisProgram, on, timeoutMs);
  expect(watched.map(listing)).toEqual(before);
  const text = asText(report);
  if (target.apiKey) expect(text + asJson(report)).not.toContain(target.apiKey);
  const of = (name: string): Finding =>
    report.checks.find((check) => check.name === name) ?? { state: 'skipped', says: `no check ${name}` };
  const wrong = report.checks
    .filter(({ name, state }) => name !== 'client' && (state === 'failure' || state === 'warning'))
    .map(({ name, state }) => `${name}: ${state}`);
  return { ...report, text, of, wrong };
}
