import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

const page = new URL('../../docs/reliability.md', import.meta.url);
const files = readdirSync(fileURLToPath(new URL('.', import.meta.url))).filter((name) =>
  name.endsWith('.slow.ts'),
);

const topicOf = (test: TestCase): string => (test.parent.type === 'suite' ? test.parent.name : '');

/** Generates the table of docs/reliability.md from the run. Fails the run if the table is stale, or updates it with --update. */
export default class FaultTable implements Reporter {
  #updates = false;

  onInit(vitest: Vitest): void {
    this.#updates = vitest.config.snapshotOptions.updateSnapshot === 'all';
  }

  onTestRunEnd(modules: readonly TestModule[], _errors: unknown, reason: string): void {
    if (reason !== 'passed' || modules.length !== files.length) return;
    const text = readFileSync(page, 'utf8');
    const updated = text.replace(
      /(<!-- faults: generated -->\n)[^]*?(<!-- \/faults -->)/,
      (_, start: string, end: string) => `${start}${table(modules)}\n${end}`,
    );
    if (updated === text) return;
    if (this.#updates) {
      writeFileSync(page, updated);
      return;
    }
    process.stderr.write('docs/reliability.md is stale: npm run test:faults -- --update\n');
    process.exitCode = 1;
  }
}

interface Row {
  cases: number;
  /** The expected results, or the variants if the tests differ only in these. */
  readonly details: Set<string>;
}

/** Returns a table with one row for each topic and fault. The fault is the test name up to its first colon. */
function table(modules: readonly TestModule[]): string {
  const rows = new Map<string, Row>();
  for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
    const [fault = '', ...rest] = test.name.replaceAll('|', String.raw`\|`).split(': ');
    const name = `| ${topicOf(test)} | ${fault} |`;
    const row = rows.get(name) ?? { cases: 0, details: new Set() };
    rows.set(name, row);
    row.cases += test.meta().cases ?? 1;
    row.details.add(rest.join(': ').replaceAll(/'([^']*)'/g, '$1')); // test.for quotes texts in names
  }
  const lines = [...rows].toSorted(([a], [b]) => topic(a).localeCompare(topic(b)));
  const total = lines.reduce((sum, [, { cases }]) => sum + cases, 0);
  return [
    '| Topic | Fault | Expected result, or variants | Cases |',
    '|---|---|---|--:|',
    ...lines.map(
      ([name, { cases, details }]) => `${name} ${[...details].join('; ')} | ${formatted(cases)} |`,
    ),
    `| | | Total | ${formatted(total)} |`,
  ].join('\n');
}

const formatted = (cases: number): string => cases.toLocaleString('en');

const topic = (row: string): string => row.split('|')[1] ?? '';
