import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { afterAll } from 'vitest';

/** Usual places of the browser on Linux and macOS, in the order in which they are tried. */
const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

function findChromium(): string {
  const { CHROME_PATH: chosen } = process.env;
  const found = chosen ?? places.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error('The browser tests need Chromium: run "apt-get install chromium", or set CHROME_PATH.');
  return found;
}

/** Chromium's own sandbox refuses to run as root. The other options make screenshots the same in each run. */
const args = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--font-render-hinting=none',
  '--disable-lcd-text',
];

let running: Promise<Browser> | undefined;

/** Returns the browser of this test file. It starts with the first call and closes after the last test. */
export const startChromium = (): Promise<Browser> =>
  (running ??= chromium.launch({ executablePath: findChromium(), args }));

afterAll(async () => (await running)?.close());
