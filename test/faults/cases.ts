/** Number of cases that a test tried, default 1. The table of docs/reliability.md shows the sum. */
export type Cases = number;

declare module 'vitest' {
  interface TaskMeta {
    cases?: Cases;
  }
}
