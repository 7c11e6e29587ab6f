import type { DescMessage } from '@bufbuild/protobuf';
import { AnkiRefused } from '../../../contract/errors.ts';
import { decode } from './protocol.ts';

/** The engine's error message, as far as we read it. */
interface BackendError {
  readonly message: string;
  readonly kind: number;
}

/** Explanations of SQLite's error codes for the disk and the file. */
const remedies: Readonly<Record<string, string>> = {
  DiskFull: 'The disk is full; the incomplete change was rolled back. Free some space, then call again.',
  SystemIoFailure:
    'Reading or writing the disk failed; the incomplete change was rolled back. Check its free space and health, then call again.',
  ReadOnly: 'The collection is read-only. Check the permissions of its file and folder.',
  DatabaseCorrupt:
    'The collection file is damaged. Stop working on it: restore a backup in Anki, or let Anki check the database.',
};

/** Explanations of errors that concern the call itself. */
const mistakes: readonly (readonly [pattern: RegExp, explanation: string])[] = [
  [
    /deck nesting level too deep/,
    'The deck was not created or renamed: its name has more levels (parts between ::) than Anki allows. Use fewer.',
  ],
  [
    /UNIQUE constraint failed: search_[cn]ids/,
    'An id is in the list twice, which Anki does not accept here. Nothing was changed. Remove the repeated ids, then call again.',
  ],
  [
    /pattern too complex|Compiled regex exceeds size limit/,
    'A term of this search is too long: Anki compares at most 50,000 bytes. Search for a shorter part of the text.',
  ],
];

function explain(message: string): string {
  const [, code = ''] = /^DbError .*SqliteFailure\(Error \{ code: (\w+)/.exec(message) ?? [];
  const remedy = remedies[code] ?? mistakes.find(([pattern]) => pattern.test(message))?.[1];
  return remedy === undefined ? message : `${remedy} Anki says: ${message}`;
}

/** The engine refused a call. `kind` is its error kind, such as NOT_FOUND_ERROR. Its backtrace is not shown. */
export class EngineError extends AnkiRefused {
  override readonly name = 'EngineError';
  readonly kind: string;
  /** The engine's error message without our explanation. */
  readonly original: string;

  constructor(message: string, kind: string) {
    super(explain(message));
    this.kind = kind;
    this.original = message;
  }

  /** Returns the error of an error reply. */
  static decode(desc: DescMessage, bytes: Uint8Array): EngineError {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the message's descriptor has these two members, as a test checks
    const { message, kind } = decode(desc, bytes) as BackendError;
    const kinds = desc.fields.find((field) => field.localName === 'kind')?.enum;
    return new EngineError(message, kinds?.value[kind]?.name ?? String(kind));
  }
}

/** Returns true if a sync server did not accept the login. Proxies answer with the status 401, which the engine takes for a network error. */
export const isLoginRefused = (error: unknown): boolean =>
  error instanceof EngineError &&
  (error.kind === 'SYNC_AUTH_ERROR' || error.original.includes('401 Unauthorized'));

/** Returns true if the engine refused a call because an object does not exist. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof EngineError && error.kind === 'NOT_FOUND_ERROR';
