import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { findChromium } from '../support/find-chromium.js';

test('without a browser, the browser tests say how to get one', () => {
  expect(() => findChromium(undefined, ['/missing/chromium', '/missing/chrome'])).toThrow(
    'No browser was found at /missing/chromium, /missing/chrome. The browser tests need one. Run "apt-get install chromium", or set CHROME_PATH to the program of a Chromium or Chrome.',
  );
});

test('a run with a browser that does not exist ends with that message, and runs no test', async () => {
  const vitest = new URL('../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
  const env = { ...process.env, CHROME_PATH: '/missing/chromium' };
  const args = [vitest, 'run', '--config', 'vitest.browser.config.ts', 'test/panels'];
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) =>
    execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code, output: stdout + stderr }),
    ),
  );
  expect(code).toBe(1);
  expect(output).toContain('CHROME_PATH is "/missing/chromium", which does not exist. Run "apt-get install');
  expect(output).not.toContain('passed');
});
