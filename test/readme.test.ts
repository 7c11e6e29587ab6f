import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const path = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));
const readme = readFileSync(path('README.md'), 'utf8');

test('README has at most 15 KB', () => {
  expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(15_000);
});

test('the table of contents has every section but the last, and all links lead somewhere', () => {
  const sections = [...readme.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title);
  const anchors = sections.map(
    (title) =>
      `#${title
        .toLowerCase()
        .replaceAll(/[^\w ]/g, '')
        .replaceAll(' ', '-')}`,
  );
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
  expect(links.filter((target) => target.startsWith('#'))).toEqual(anchors.slice(0, -1));
  const files = links
    .filter((target) => !/^(#|https:)/.test(target))
    .map((target) => target.replace(/#.*/, ''));
  expect(files.filter((file) => !existsSync(path(file)))).toEqual([]);
});

test('README has one form of the command', () => {
  expect(readme).not.toMatch(/npx (-y )?ankiwright|node \S*main\.js/);
});

test.each([
  'host.docker.internal',
  'WSL',
  'App Nap',
  'AnkiWeb',
  'several profiles',
  'phone',
  'Is my data sent anywhere?',
])('the questions in README include: %s', (words) => {
  expect(readme.slice(readme.indexOf('## Questions'))).toContain(words);
});
