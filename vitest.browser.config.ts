import { defineConfig } from 'vitest/config';
import { withPanels } from './packaging/panels.js';

// Tests in Chromium. One file at a time: each starts its own browser.
export default defineConfig({
  plugins: [withPanels],
  test: {
    include: ['test/**/*.browser.ts'],
    fileParallelism: false,
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
