import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMessage } from '../../src/mcp/json-rpc/message.ts';

const value = fc.constantFrom(undefined, null, 0, 7, -1, 1.5, '', 'a', '2.0', true, [], {}, { _meta: {} });
const params = fc.oneof(
  value,
  fc.record(
    { _meta: fc.oneof(value, fc.record({ progressToken: value })), name: value },
    { requiredKeys: [] },
  ),
);
const error = fc.oneof(value, fc.record({ code: value, message: value, data: value }, { requiredKeys: [] }));
const message = fc.oneof(
  value,
  fc.record(
    {
      jsonrpc: fc.oneof({ arbitrary: fc.constant('2.0'), weight: 9 }, value),
      id: value,
      method: fc.oneof(fc.constant('tools/call'), value),
      params,
      result: fc.oneof(value, params),
      error,
      extra: value,
    },
    { requiredKeys: [] },
  ),
);

test('accepts and refuses the same messages as the SDK', () => {
  fc.assert(
    fc.property(message, (sent) => {
      const text = JSON.stringify(sent);
      const json: unknown = text === undefined ? undefined : JSON.parse(text);
      expect(isMessage(json)).toBe(JSONRPCMessageSchema.safeParse(json).success);
    }),
    { numRuns: 20_000, examples: [[{ jsonrpc: '2.0', id: 1, result: { _meta: 0 } }]] },
  );
});
