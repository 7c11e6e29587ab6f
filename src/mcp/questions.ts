import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import { cancelledBy, errorCode, isMembers, isResponse } from './json-rpc/message.ts';

const invalidAnswer =
  'the client\'s answer is invalid: it must have "jsonrpc": "2.0", the id of the question, and either a result with an action (accept, decline or cancel) or an error';
const disconnected = 'the client has disconnected';

/** The questions to the user that a connection has sent and that have no answer yet. */
export class Questions {
  /** Ids of the questions, with the ids of the calls that ask them. */
  readonly #open = new Map<number, RequestId | undefined>();

  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Call it with each message to the client. */
  sent(message: JSONRPCMessage, call: RequestId | undefined): void {
    if (!('method' in message)) return;
    if ('id' in message) this.#open.set(Number(message.id), call);
    else this.#open.delete(Number(cancelledBy(message)));
  }

  /**
   * Call it with each message from the client. Returns the errors that take the place of invalid answers: the SDK
   * ignores those, and their calls would wait until the timeout. An answer in a batch is invalid.
   */
  received(json: unknown): JSONRPCMessage[] {
    return [json].flat().flatMap((item) => {
      const id = answeredId(item);
      if (id === undefined || !this.#open.delete(id)) return [];
      return isAnswer(json) ? [] : [failure(id, errorCode.invalidRequest, invalidAnswer)];
    });
  }

  /** Returns the errors that end the questions of a call whose client has disconnected. */
  disconnected(call: RequestId): JSONRPCMessage[] {
    const ended = [...this.#open].filter(([, asking]) => asking === call).map(([id]) => id);
    for (const id of ended) this.#open.delete(id);
    return ended.map((id) => failure(id, errorCode.connectionClosed, disconnected));
  }
}

const failure = (id: number, code: number, message: string): JSONRPCMessage => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
});

/** Returns the id of the question that a message answers. As in the SDK, the id may be sent as a string. */
function answeredId(json: unknown): number | undefined {
  if (typeof json !== 'object' || json === null || !('id' in json) || 'method' in json) return undefined;
  return typeof json.id === 'number' || typeof json.id === 'string' ? Number(json.id) : undefined;
}

const actions = ['accept', 'decline', 'cancel'];

function isAnswer(json: unknown): boolean {
  if (!isMembers(json) || !isResponse(json)) return false;
  const { result } = json;
  if (result === undefined) return true;
  return isMembers(result) && actions.includes(String(result['action'])) && isContent(result['content']);
}

const isContent = (content: unknown): boolean => content === undefined || isMembers(content);
