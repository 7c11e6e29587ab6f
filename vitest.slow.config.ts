import { defineConfig } from 'vitest/config';
import { withPanels } from './packaging/panels.js';

// Tests that take too long for every run, or need network access.
export default defineConfig({
  plugins: [withPanels],
  test: {
    include: ['test/**/*.slow.ts'],
    maxWorkers: '100%', // the tests mostly wait for child processes
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
