import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/sdk/types.js';

// Checked by hand: the schemas of the SDK would be half of the time until the first response.

/** Codes of JSON-RPC and of MCP. */
export const errorCode = {
  connectionClosed: -32000,
  requestTimeout: -32001,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
} as const;

/** An error with a code of JSON-RPC. Its message begins as those of the MCP SDK. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(`MCP error ${code}: ${message}`);
    this.code = code;
  }
}

type Members = { readonly [name: string]: unknown };

/** Returns true for an object that is no list. */
export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isRequestId = (value: unknown): value is RequestId =>
  typeof value === 'string' || Number.isSafeInteger(value);

const hasOnly = (value: Members, names: readonly string[]): boolean =>
  Object.keys(value).every((name) => names.includes(name));

const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean =>
  value === undefined || is(value);

/** `params` of a request or a notification, or `result` of a response. */
const isParams = (value: unknown): boolean =>
  isMembers(value) &&
  isOptional(
    value['_meta'],
    (meta) => isMembers(meta) && isOptional(meta['progressToken'], (token) => isRequestId(token)),
  );

const isCall = (value: Members): boolean =>
  typeof value['method'] === 'string' &&
  (!('id' in value) || isRequestId(value['id'])) &&
  isOptional(value['params'], isParams) &&
  hasOnly(value, ['jsonrpc', 'id', 'method', 'params']);

const isResult = (value: Members): boolean =>
  isRequestId(value['id']) && isParams(value['result']) && hasOnly(value, ['jsonrpc', 'id', 'result']);

const isError = ({ error, ...value }: Members): boolean =>
  isOptional(value['id'], isRequestId) &&
  isMembers(error) &&
  Number.isSafeInteger(error['code']) &&
  typeof error['message'] === 'string' &&
  hasOnly(value, ['jsonrpc', 'id']);

/** Returns true for a message of JSON-RPC as MCP has them: a request, a notification or a response. */
export const isMessage = (value: unknown): value is JSONRPCMessage =>
  isMembers(value) && value['jsonrpc'] === '2.0' && (isCall(value) || isResponse(value));

/** Returns true for a response, with a result or an error. */
export const isResponse = (value: unknown): boolean =>
  isMembers(value) && value['jsonrpc'] === '2.0' && (isResult(value) || isError(value));

/** Returns true if a message of the client is a request, which gets a response. */
export const isRequest = (message: JSONRPCMessage): message is JSONRPCRequest =>
  'method' in message && 'id' in message;

/** Returns the id of the request that a message cancels. */
export function cancelledBy(message: object): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined;
  const params = 'params' in message && isMembers(message.params) ? message.params : {};
  const { requestId } = params;
  return isRequestId(requestId) ? requestId : undefined;
}
