import type { IncomingMessage, ServerResponse } from 'node:http';

/** The header Authorization with a token. */
export const bearer = /^Bearer +(\S+)$/i;

/** Who sends a request. A session belongs to the caller that opened it. */
export interface Caller {
  /** The same for all tokens of a grant. */
  readonly id: string;
  readonly readOnly: boolean;
}

/** A response to a request that is not authorized, or that cannot be checked. */
export interface Refusal {
  readonly status: 401 | 403 | 503;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Access by OAuth. This interface is all that MCP over HTTP knows of it. */
export interface Access {
  /** Path of the MCP endpoint in the public URL. */
  readonly endpoint: string;
  /** Answers requests for documents, pages and endpoints of OAuth. Returns false for other paths. */
  readonly respond: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** Returns who sends a request to the MCP endpoint. */
  readonly identify: (request: IncomingMessage) => Promise<Caller | Refusal>;
  /** Returns the refusal of a call for which a read-only caller has no permission. */
  readonly insufficientScope: () => Refusal;
  /** Calls a function with the id of each caller whose grant has ended. */
  readonly onEnd: (listener: (callerId: string) => void) => void;
}
