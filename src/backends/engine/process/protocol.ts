import { create, createFileRegistry, fromBinary, toBinary, type DescMessage } from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import { z } from 'zod';

/** Output of `host.py describe`: methods as [service, method] numbers, and serialized file descriptors in base64. */
export const tablesSchema = z.object({
  methods: z.record(z.string(), z.tuple([z.int(), z.int()])),
  descriptors: z.array(z.base64()),
});
export type Tables = z.infer<typeof tablesSchema>;

/** A method of the engine: its numbers and its messages. */
export interface Method {
  readonly service: number;
  readonly method: number;
  readonly request: DescMessage;
  readonly response: DescMessage;
}

const snakeCase = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** Sorts files so that each one follows its imports, as the registry requires. */
function importsFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const sorted = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto): void => {
    for (const name of file.dependency) {
      const imported = byName.get(name);
      if (imported && !sorted.has(imported)) visit(imported);
    }
    sorted.add(file);
  };
  for (const file of files) visit(file);
  return [...sorted];
}

/** The protobuf interface of the installed engine. */
export interface Protocol {
  /** Methods by name in snake case. */
  readonly methods: ReadonlyMap<string, Method>;
  /** Message of an error reply. */
  readonly error: DescMessage;
}

const read = new WeakMap<Tables, Protocol>();

/** Returns the methods of the installed engine by name, with their numbers and messages. Parses the same tables only once. */
export function readProtocol(tables: Tables): Protocol {
  const protocol = read.get(tables) ?? parseTables(tables);
  read.set(tables, protocol);
  return protocol;
}

function parseTables(tables: Tables): Protocol {
  const files = tables.descriptors.map((text) =>
    fromBinary(FileDescriptorProtoSchema, Buffer.from(text, 'base64')),
  );
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(files) }));
  const methods = new Map<string, Method>();
  for (const type of registry) {
    if (type.kind !== 'service') continue;
    for (const { name, input, output } of type.methods) {
      const numbers = tables.methods[snakeCase(name)];
      if (numbers)
        methods.set(snakeCase(name), {
          service: numbers[0],
          method: numbers[1],
          request: input,
          response: output,
        });
    }
  }
  const error = registry.getMessage('anki.backend.BackendError');
  if (!error)
    throw new Error('The installed engine has no BackendError message: its version does not match.');
  return { methods, error };
}

/** Serializes a message. Members that are missing get their default values. */
export const encode = (desc: DescMessage, message: Record<string, unknown>): Uint8Array =>
  toBinary(desc, create(desc, message));

/** Parses a message. Throws an Error for invalid bytes. */
export const decode = (desc: DescMessage, bytes: Uint8Array): object => fromBinary(desc, bytes);
