import { echo } from '../../../lib/cut.ts';
import type { Data } from '../../workflow.ts';
import type { importOutput } from './import-input.ts';
import type { Layouts } from './layouts.ts';
import type { RowSource } from './rows.ts';
import type { Table } from './table.ts';

const maxProblem = 800;

const separatorProblem =
  'It is unclear which character separates the cells. Pass separator; for one column without separators, pass one that does not occur in the text, such as tab.';

/** Returns what has to be passed, with the first lines. Nothing was imported. */
export function unclearText(
  problems: readonly string[],
  { body }: RowSource,
  budget: number,
): Data<typeof importOutput> {
  const lines = body.toString('utf8', 0, 1000).split(/\r\n|[\r\n]/);
  return {
    nothingImported: [separatorProblem, ...problems].map((each) => echo(each, maxProblem)),
    rows: 0,
    firstLines: lines.slice(0, 3).map((line) => echo(line, Math.min(200, Math.floor(budget / 20)))),
  };
}

/** Returns what has to be passed, with the table as it was read. Nothing was imported. */
export function unclearTable(
  problems: readonly string[],
  table: Table,
  layouts: Layouts,
  budget: number,
): Data<typeof importOutput> {
  const length = Math.min(60, Math.floor(budget / 200));
  return {
    nothingImported: problems.map((each) => echo(each, maxProblem)),
    rows: table.rows.length,
    reading: layouts.describe(),
    firstRows: table.rows.slice(0, 3).map(({ number, cells }) => ({
      row: number,
      cells: cells.slice(0, 10).map((cell) => echo(cell, length)),
    })),
  };
}
