/** How many cases a test tried; one where it does not say. README's table adds them up. */
export type Cases = number;

declare module 'vitest' {
  interface TaskMeta {
    cases?: Cases;
  }
}
