import { vi } from 'vitest';

/** Repeats a check until it no longer throws, and returns its result. The timeout only guards against hanging. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 60_000, interval: 5 });
