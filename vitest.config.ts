import { defineConfig } from 'vitest/config';
import { withPanels } from './packaging/panels.js';

export default defineConfig({
  plugins: [withPanels],
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: '100%', // the tests mostly wait for child processes
    // Timeouts only guard against hanging: tests also pass on a computer that is busy.
    testTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
  },
});
