import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { install } from '../../../../src/backends/engine/process/install.ts';
import { readProtocol, type Protocol } from '../../../../src/backends/engine/process/protocol.ts';
import { rpc } from '../../../../src/backends/engine/process/rpc.ts';

// Compares the methods and messages of rpc.ts with the descriptors of the installed engine.

type Side = 'request' | 'response';

let protocol: Protocol;
beforeAll(async () => {
  const { tables } = await install({ log: (message) => process.stderr.write(`${message}\n`) });
  protocol = readProtocol(tables);
});

const bits64 = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);
const fractions = new Set([ScalarType.FLOAT, ScalarType.DOUBLE]);

/** Returns the name of the JavaScript type of a protobuf type, as `typeOfSchema` does. */
function typeOfScalar(type: ScalarType | undefined): string {
  if (type === undefined) return 'int'; // an enum
  if (type === ScalarType.STRING) return 'string';
  if (type === ScalarType.BOOL) return 'boolean';
  if (type === ScalarType.BYTES) return 'bytes';
  if (bits64.has(type)) return 'bigint';
  return fractions.has(type) ? 'number' : 'int';
}

/** Returns the name of the JavaScript type of a schema. */
function typeOfSchema(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodCustom) return 'bytes';
  if (schema instanceof z.ZodNumberFormat) return 'int';
  return schema._zod.def.type;
}

function differencesInType(
  schema: z.core.$ZodType,
  type: { readonly scalar?: ScalarType | undefined; readonly message?: DescMessage | undefined },
  where: string,
  side: Side,
): string[] {
  if (type.message) {
    if (schema instanceof z.ZodObject) return differences(schema, type.message, where, side);
    return [`${where}: ${typeOfSchema(schema)} here, the message ${type.message.typeName} in the engine`];
  }
  const expected = typeOfScalar(type.scalar);
  return typeOfSchema(schema) === expected
    ? []
    : [`${where}: ${typeOfSchema(schema)} here, ${expected} in the engine`];
}

function differencesInField(schema: z.core.$ZodType, field: DescField, where: string, side: Side): string[] {
  if (field.fieldKind === 'list') {
    if (schema instanceof z.ZodArray) return differencesInType(schema.element, field, `${where}[]`, side);
    return [`${where}: ${typeOfSchema(schema)} here, a list in the engine`];
  }
  if (field.fieldKind === 'map') {
    if (schema instanceof z.ZodRecord) return differencesInType(schema.valueType, field, `${where}{}`, side);
    return [`${where}: ${typeOfSchema(schema)} here, a map in the engine`];
  }
  return differencesInType(schema, field, where, side);
}

/** Compares a oneof, whose schema is { case, value } or a union of these. */
function differencesInOneof(
  schema: z.core.$ZodType,
  fields: readonly DescField[],
  where: string,
  side: Side,
): string[] {
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => differencesInOneof(option, fields, where, side));
  const { case: literal, value }: { case?: unknown; value?: unknown } =
    schema instanceof z.ZodObject ? schema.shape : {};
  if (!(literal instanceof z.ZodLiteral) || !(value instanceof z.ZodType))
    return [`${where}: a oneof in the engine, so its schema must be { case, value }`];
  const field = fields.find(({ localName }) => localName === literal.value);
  if (!field) return [`${where}: no case '${literal.value}', only ${names(fields)}`];
  return differencesInField(value, field, `${where}.${field.localName}`, side);
}

const names = (members: readonly { localName: string }[]) =>
  members.map(({ localName }) => localName).join(', ');

const compared = new Map<z.core.$ZodType, Set<string>>();

function differences(schema: z.ZodObject, desc: DescMessage, where: string, side: Side): string[] {
  // A message may contain itself.
  const visited = compared.get(schema) ?? new Set();
  compared.set(schema, visited);
  if (visited.has(`${desc.typeName} ${side}`)) return [];
  visited.add(`${desc.typeName} ${side}`);

  return Object.entries(schema.shape).flatMap(([name, member]) => {
    const at = `${where}.${name}`;
    const bare = member instanceof z.ZodOptional ? member.unwrap() : member;
    const oneof = desc.oneofs.find(({ localName }) => localName === name);
    if (oneof) return differencesInOneof(bare, oneof.fields, at, side);
    const field = desc.fields.find(({ localName }) => localName === name);
    if (!field || field.oneof)
      return [`${at}: no such member of ${desc.typeName}, only ${names(desc.members)}`];
    return [...differencesInPresence(member, field, at, side), ...differencesInField(bare, field, at, side)];
  });
}

/** In a response, only messages and scalars that are marked as optional may be missing. */
function differencesInPresence(
  schema: z.core.$ZodType,
  field: DescField,
  where: string,
  side: Side,
): string[] {
  const isOptional = field.fieldKind === 'message' || field.proto.proto3Optional;
  if (side === 'request' || schema instanceof z.ZodOptional === isOptional) return [];
  return [`${where}: ${isOptional ? 'may be missing: optional()' : 'is never missing: not optional()'}`];
}

function differencesInTable(table: Readonly<Record<string, readonly [z.ZodObject, z.ZodObject]>>): string[] {
  compared.clear();
  return Object.entries(table).flatMap(([name, [request, response]]) => {
    const method = protocol.methods.get(name);
    if (!method) return [`${name}: no such method of the engine`];
    return [
      ...differences(request, method.request, `${name} request`, 'request'),
      ...differences(response, method.response, `${name} response`, 'response'),
    ];
  });
}

test('every method and member of rpc.ts exists in the installed engine', () => {
  expect(differencesInTable(rpc)).toEqual([]);
});

const empty = z.object({});

test.each([
  ['get_crad', z.object({ cid: z.bigint() }), empty, 'get_crad: no such method of the engine'],
  [
    'get_deck_names',
    empty,
    z.object({ entries: z.array(z.object({ title: z.string() })) }),
    'get_deck_names response.entries[].title: no such member of anki.decks.DeckNameId, only id, name',
  ],
  ['get_card', z.object({ cid: z.int() }), empty, 'get_card request.cid: int here, bigint in the engine'],
  ['get_card', empty, z.object({ decay: z.number() }), 'get_card response.decay: may be missing: optional()'],
  [
    'get_card',
    empty,
    z.object({ due: z.int().optional() }),
    'get_card response.due: is never missing: not optional()',
  ],
  [
    'remove_notes',
    z.object({ noteIds: z.bigint() }),
    empty,
    'remove_notes request.noteIds: bigint here, a list in the engine',
  ],
  [
    'search_cards',
    z.object({ order: z.object({ value: z.object({ case: z.literal('nothing'), value: empty }) }) }),
    empty,
    "search_cards request.order.value: no case 'nothing', only none, custom, builtin",
  ],
])('finds a mistake in %s', (name, request, response, line) => {
  expect(differencesInTable({ [name]: [request, response] })).toEqual([line]);
});

test('an error of the engine has a message and a named kind', () => {
  const error = z.object({ message: z.string(), kind: z.int() });
  expect(differences(error, protocol.error, 'error', 'response')).toEqual([]);
  expect(protocol.error.fields.find(({ localName }) => localName === 'kind')?.enum).toBeDefined();
});
