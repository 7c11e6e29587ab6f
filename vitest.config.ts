import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: '100%', // they wait more than they work
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
