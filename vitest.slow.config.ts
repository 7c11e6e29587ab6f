import { defineConfig } from 'vitest/config';

// Tests that take too long for every run, or need network access.
export default defineConfig({
  test: {
    include: ['test/**/*.slow.ts'],
    maxWorkers: '100%', // the tests mostly wait for child processes
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
