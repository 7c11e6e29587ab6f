// Copies the pictures of README and docs/panels.md from those that the browser tests made.
import { copyFileSync } from 'node:fs';

const pictures = {
  'study-720-light-answer': 'study-panel',
  'review-720-light': 'review-panel',
  'overview-720-light': 'overview-panel',
  'occlusion-720-light': 'occlusion-panel',
};

for (const [from, to] of Object.entries(pictures))
  copyFileSync(`test/panels/pictures/${from}.png`, `docs/${to}.png`);
