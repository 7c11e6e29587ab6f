import { defineConfig } from 'vitest/config';

// Tests in Chromium. One file at a time: each starts its own browser.
export default defineConfig({
  test: {
    include: ['test/**/*.browser.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
