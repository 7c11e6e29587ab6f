// Copies the pictures of the README from those that the browser tests made.
import { copyFileSync } from 'node:fs';

const pictures = {
  'study-720-light-answer': 'study-panel',
  'study-360-dark-answer': 'study-panel-dark',
  'overview-720-light': 'overview-panel',
};

for (const [from, to] of Object.entries(pictures))
  copyFileSync(`test/panels/pictures/${from}.png`, `docs/${to}.png`);
