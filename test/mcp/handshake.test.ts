import { LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { Handshake, protocolVersions } from '../../src/mcp/handshake.ts';

const initialize = (
  params: Record<string, unknown>,
  handshake = new Handshake({ version: '1', instructions: '' }),
) => handshake.initialize({ jsonrpc: '2.0', id: 1, method: 'initialize', params });

const complete = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
};

test('speaks the versions of MCP that the SDK speaks', () => {
  expect(protocolVersions).toEqual(SUPPORTED_PROTOCOL_VERSIONS);
  for (const protocolVersion of SUPPORTED_PROTOCOL_VERSIONS)
    expect(initialize({ ...complete, protocolVersion })).toMatchObject({ protocolVersion });
  expect(initialize({ ...complete, protocolVersion: '2099-01-01' })).toMatchObject({
    protocolVersion: LATEST_PROTOCOL_VERSION,
  });
});

test('refuses an incomplete initialize and says what it needs', () => {
  for (const name of Object.keys(complete)) {
    const message = /initialize needs protocolVersion \(string\)/;
    expect(() => initialize({ ...complete, [name]: undefined })).toThrow(message);
    expect(() => initialize({ ...complete, [name]: [] })).toThrow(message);
  }
});

test('asks only clients that have forms', () => {
  const forms = [{}, { form: {} }, { form: {}, url: {} }];
  for (const elicitation of [undefined, null, [], { url: {} }, ...forms]) {
    const handshake = new Handshake({ version: '1', instructions: '' });
    initialize({ ...complete, capabilities: { elicitation } }, handshake);
    expect(handshake.canAsk).toBe(forms.some((form) => form === elicitation));
  }
});
