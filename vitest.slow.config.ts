import { defineConfig } from 'vitest/config';

// What takes too long for every run, or needs the network.
export default defineConfig({
  test: {
    include: ['test/**/*.slow.ts'],
    maxWorkers: '100%', // they wait more than they work
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
