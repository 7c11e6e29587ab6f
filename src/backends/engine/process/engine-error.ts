import type { DescMessage } from '@bufbuild/protobuf';
import { AnkiRefused } from '../../../contract/errors.ts';
import { decode } from './protocol.ts';

interface BackendError {
  readonly message: string;
  readonly kind: number;
}

/** What SQLite calls a failure of the disk or the file, in words. */
const remedies: Readonly<Record<string, string>> = {
  DiskFull: 'The disk is full, and what could not be written was taken back. Make space, and call again.',
  SystemIoFailure:
    'The disk does not take or give the data, and what could not be written was taken back. See to its space and health, and call again.',
  ReadOnly: 'The collection cannot be written. See to the permissions of its file and folder.',
  DatabaseCorrupt:
    "The collection's file is damaged. Work on it no further: restore a backup in Anki, or have Anki check the database.",
};

function explained(said: string): string {
  const [, code = ''] = /^DbError .*SqliteFailure\(Error \{ code: (\w+)/.exec(said) ?? [];
  const remedy = remedies[code];
  return remedy === undefined ? said : `${remedy} Anki says: ${said}`;
}

/** The engine refused. `kind` is its own word for it, as NOT_FOUND_ERROR; its context and backtrace are not shown. */
export class EngineError extends AnkiRefused {
  override readonly name = 'EngineError';
  readonly kind: string;
  /** The engine's own words. */
  readonly said: string;

  constructor(said: string, kind: string) {
    super(explained(said));
    this.kind = kind;
    this.said = said;
  }

  static decode(desc: DescMessage, bytes: Uint8Array): EngineError {
    // The message's own descriptor gives these two members; a test holds them.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said
    const { message, kind } = decode(desc, bytes) as BackendError;
    const kinds = desc.fields.find((field) => field.localName === 'kind')?.enum;
    return new EngineError(message, kinds?.value[kind]?.name ?? String(kind));
  }
}

export const isNotFound = (error: unknown): boolean =>
  error instanceof EngineError && error.kind === 'NOT_FOUND_ERROR';
