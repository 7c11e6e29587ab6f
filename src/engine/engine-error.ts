import type { DescMessage } from '@bufbuild/protobuf';
import { AnkiRefused } from '../errors.ts';
import { decode } from './protocol.ts';

interface BackendError {
  readonly message: string;
  readonly kind: number;
}

/** The engine refused. `kind` is its own word for it, as NOT_FOUND_ERROR; its context and backtrace are not shown. */
export class EngineError extends AnkiRefused {
  override readonly name = 'EngineError';
  readonly kind: string;

  constructor(message: string, kind: string) {
    super(message);
    this.kind = kind;
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
