import { defineConfig } from 'vitest/config';
import { withPanels } from './packaging/panels.js';

// Tests in Chromium. The files share one browser and, in each worker, its tabs.
export default defineConfig({
  plugins: [withPanels],
  test: {
    include: ['test/**/*.browser.ts'],
    globalSetup: ['test/support/browser-setup.ts'],
    isolate: false,
    maxWorkers: '100%',
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
