import type { SessionLimits } from './sessions.ts';

export interface Limits extends SessionLimits {
  /** Bytes of a request's body. */
  readonly body: number;
  readonly connections: number;
  /** Milliseconds, as those below: for a request's head, for all of it, and between two on one connection. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly connectionsCheckingInterval: number;
}

const minute = 60_000;

/** What one server bears. A session with all its calls waiting takes less than half of the connections. */
export const limits: Limits = {
  sessions: 64,
  idle: 30 * minute,
  underWay: 4,
  waiting: 1000,
  body: 16 * 1024 * 1024,
  connections: 2500,
  headersTimeout: 10_000,
  requestTimeout: minute,
  keepAliveTimeout: minute,
  connectionsCheckingInterval: 5000,
};
