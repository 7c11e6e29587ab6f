// Prints the conversation with timings: `npm run demo`. With `--picture FILE`, draws it as the SVG of README.
import { writeFileSync } from 'node:fs';
import { converse } from './conversation.js';
import { draw } from './picture.js';

/** @type {import('./conversation.js').Line[]} */
const lines = [];

/** @param {import('./conversation.js').Line} line */
function print({ who, text, ms }) {
  const time = ms === undefined ? '' : `   ${ms.toFixed(0)} ms`;
  process.stdout.write(who === 'tool' ? `    → ${text}${time}\n` : `${who}: ${text}\n`);
}

try {
  const [, , flag, file] = process.argv;
  await converse((line) => {
    lines.push(line);
    print(line);
  });
  if (flag === '--picture' && file !== undefined) writeFileSync(file, draw(lines));
  process.stdout.write('\nThe demo succeeded on a real Anki collection.\n');
} catch (error) {
  process.stdout.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
