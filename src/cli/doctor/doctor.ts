import { apiKey, type Config } from '../config.ts';
import type { Program } from '../program.ts';
import type { System } from '../system.ts';
import { examine } from './examine.ts';
import { applyFix } from './fix.ts';
import { asJson, asText, type Report } from './report.ts';
import { targetOf } from './subject.ts';

/** Examines what the options choose. With --fix, makes the corrections that are safe and examines it again. */
export async function runDoctor(
  config: Config,
  program: Program,
  system: System,
  log: (line: string) => void,
): Promise<{ text: string; ok: boolean }> {
  const target = targetOf(config, apiKey(config));
  const print = (report: Report) => ({ text: (config.json ? asJson : asText)(report), ok: report.ok });
  const first = await examine(target, program, system);
  if (!config.fix) return print(first);
  if (first.fixable.length === 0) log('There is nothing that --fix can correct.');
  for (const fixable of first.fixable) {
    log(fixable.says);
    await applyFix(fixable, target, program, system, log);
  }
  return print(first.fixable.length === 0 ? first : await examine(target, program, system));
}
