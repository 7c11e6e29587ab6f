import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { InvalidArguments } from '../../arguments.ts';

export interface Row {
  /** As a spreadsheet counts it: the first line of the text is row 1. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** The rows of a text, below its header lines. */
export interface RowSource {
  readonly body: Buffer;
  /** Number of header lines. */
  readonly skipped: number;
  /** Whether lines that begin with # are comments, as in Anki's files. */
  readonly hasComments: boolean;
}

/** Maximum bytes of one row. A quotation mark that is not closed would make the rest of the file one row. */
const maxRowBytes = 1_000_000;
const chunkBytes = 64 * 1024;

const position = z.object({ records: z.int(), comment_lines: z.int(), empty_lines: z.int() });
const parsed = z.object({ record: z.array(z.string()), info: position });

const lastRow = ({ records, comment_lines, empty_lines }: z.output<typeof position>): number =>
  records + comment_lines + empty_lines;

function* chunksOf(body: Buffer): Generator<Buffer> {
  for (let start = 0; start < body.length; start += chunkBytes)
    yield body.subarray(start, start + chunkBytes);
}

/** Reads the rows. Throws InvalidArguments if a quotation mark is not closed. */
export async function* readRows(source: RowSource, delimiter: string): AsyncGenerator<Row> {
  const { body, skipped, hasComments } = source;
  const parser = Readable.from(chunksOf(body)).pipe(
    parse({
      delimiter,
      info: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: maxRowBytes,
      ...(hasComments && { comment: '#', comment_no_infix: true }),
    }),
  );
  try {
    for await (const each of parser) {
      const { record, info } = parsed.parse(each);
      yield { number: skipped + lastRow(info), cells: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { data } = position.safeParse(error);
    const last = data ? ` after row ${skipped + lastRow(data)}` : '';
    throw new InvalidArguments(
      `The text cannot be read${last}: a quotation mark opens a cell and is not closed within ${maxRowBytes / 1_000_000} MB. Write a quotation mark in a cell twice, and the cell in quotation marks. Nothing was imported.`,
      { cause: error },
    );
  }
}
