import { existsSync } from 'node:fs';

/** Usual places of the browser on Linux and macOS, in the order in which they are tried. */
const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const advice = 'Run "apt-get install chromium", or set CHROME_PATH to the program of a Chromium or Chrome.';

/**
 * Returns the path of the browser. Throws an error that says how to get one.
 * @param {string | undefined} chosen @param {readonly string[]} usual
 */
export function findChromium(chosen = process.env['CHROME_PATH'], usual = places) {
  if (chosen !== undefined && !existsSync(chosen))
    throw new Error(`CHROME_PATH is "${chosen}", which does not exist. ${advice}`);
  const found = chosen ?? usual.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`No browser was found at ${usual.join(', ')}. The browser tests need one. ${advice}`);
  return found;
}

/** Chromium's own sandbox refuses to run as root. The other options make screenshots the same in each run. */
export const chromiumArgs = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--font-render-hinting=none',
  '--disable-lcd-text',
];
