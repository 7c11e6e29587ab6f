import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

const page = new URL('../../docs/reliability.md', import.meta.url);
const files = readdirSync(fileURLToPath(new URL('.', import.meta.url))).filter((name) =>
  name.endsWith('.slow.ts'),
);

const topicOf = (test: TestCase): string => (test.parent.type === 'suite' ? test.parent.name : '');

/** Makes the table of docs/reliability.md from the run. A stale table fails the run, or is renewed by --update. */
export default class FaultTable implements Reporter {
  #renews = false;

  onInit(vitest: Vitest): void {
    this.#renews = vitest.config.snapshotOptions.updateSnapshot === 'all';
  }

  onTestRunEnd(modules: readonly TestModule[], _errors: unknown, reason: string): void {
    if (reason !== 'passed' || modules.length !== files.length) return;
    const text = readFileSync(page, 'utf8');
    const renewed = text.replace(
      /(<!-- faults: generated -->\n)[^]*?(<!-- \/faults -->)/,
      (_, start: string, end: string) => `${start}${table(modules)}\n${end}`,
    );
    if (renewed === text) return;
    if (this.#renews) {
      writeFileSync(page, renewed);
      return;
    }
    process.stderr.write('docs/reliability.md is stale: npm run test:faults -- --update\n');
    process.exitCode = 1;
  }
}

interface Row {
  cases: number;
  /** What came of it; or, where tests differ in nothing else, what each of them tried. */
  readonly words: Set<string>;
}

/** A line for each topic and for what a test's name says up to its colon. */
function table(modules: readonly TestModule[]): string {
  const rows = new Map<string, Row>();
  for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
    const [what = '', ...rest] = test.name.replaceAll('|', String.raw`\|`).split(': ');
    const name = `| ${topicOf(test)} | ${what} |`;
    const row = rows.get(name) ?? { cases: 0, words: new Set() };
    rows.set(name, row);
    row.cases += test.meta().cases ?? 1;
    row.words.add(rest.join(': ').replace(/^'(.*)'$/, '$1')); // names of test.for are quoted
  }
  const lines = [...rows].toSorted(([a], [b]) => topic(a).localeCompare(topic(b)));
  const total = lines.reduce((sum, [, { cases }]) => sum + cases, 0);
  return [
    '| | made to happen | and then | cases |',
    '|---|---|---|--:|',
    ...lines.map(([name, { cases, words }]) => `${name} ${[...words].join('; ')} | ${counted(cases)} |`),
    `| | | together | ${counted(total)} |`,
  ].join('\n');
}

const counted = (cases: number): string => cases.toLocaleString('en');

const topic = (row: string): string => row.split('|')[1] ?? '';
