import type { ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import { Questions } from '../questions.ts';

/** The SDK's transport, which also ends the questions to the user that nobody can answer any more. */
export class SessionTransport extends StreamableHTTPServerTransport {
  readonly #questions = new Questions();
  /** Ids of the requests whose stream is open. */
  readonly #streams = new Set<RequestId>();

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const call = options?.relatedRequestId;
    const isQuestion = 'method' in message && 'id' in message;
    if (isQuestion && call !== undefined && !this.#streams.has(call))
      throw new Error('the client has disconnected');
    this.#questions.sent(message, call);
    await super.send(message, call === undefined ? {} : { relatedRequestId: call });
  }

  /** Call it with each request before that is handled: when its stream is closed, its questions end. */
  opened(message: object, response: ServerResponse): void {
    if (!('method' in message) || !('id' in message)) return;
    const { id } = message;
    if (typeof id !== 'string' && typeof id !== 'number') return;
    this.#streams.add(id);
    response.once('close', () => {
      this.#streams.delete(id);
      this.#deliver(this.#questions.disconnected(id));
    });
  }

  /** Ends the questions to which this message is an invalid answer. Returns false if there are none. */
  endsQuestion(json: unknown): boolean {
    const errors = this.#questions.received(json);
    this.#deliver(errors);
    return errors.length > 0;
  }

  #deliver(messages: readonly JSONRPCMessage[]): void {
    for (const message of messages) this.onmessage?.(message);
  }
}
