import type { SessionLimits } from './sessions.ts';

export interface Limits extends SessionLimits {
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  /** Options of node:http, in milliseconds. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly connectionsCheckingInterval: number;
}

const minute = 60_000;

/** Default limits of one server. A session whose queue is full uses less than half of the connections. */
export const defaultLimits: Limits = {
  maxSessions: 64,
  idleTimeoutMs: 30 * minute,
  maxRunning: 4,
  maxWaiting: 1000,
  maxBodyBytes: 16 * 1024 * 1024,
  maxConnections: 2500,
  headersTimeout: 10_000,
  requestTimeout: minute,
  keepAliveTimeout: minute,
  connectionsCheckingInterval: 5000,
};
