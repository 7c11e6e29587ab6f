import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { newCollection, startServe } from '../support/served.ts';

const run = promisify(execFile);
const page = readFileSync(new URL('../../docs/serve.md', import.meta.url), 'utf8');

/** Commands that run a sample, by language, and the tool that must be installed. */
const runners = {
  sh: { tool: 'curl', command: 'sh', args: ['-ec'] },
  powershell: { tool: 'pwsh', command: 'pwsh', args: ['-NoProfile', '-Command'] },
  python: { tool: 'python3', command: 'python3', args: ['-c'] },
  js: { tool: 'node', command: 'node', args: ['--input-type=module', '-e'] },
} as const;

const documentedUrl = 'http://127.0.0.1:8765';
const samples = [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, language = '', code = '']) =>
  code.includes(documentedUrl) ? [{ language, code }] : [],
);

const { child, url, ask } = startServe('--collection', newCollection(), '--port', '0');
afterAll(() => child.kill());

test('docs/serve.md has a sample for each language', () => {
  expect(samples.map(({ language }) => language)).toEqual(Object.keys(runners));
});

test.each(samples)('the $language sample of docs/serve.md works', async ({ language, code }) => {
  const runner = Object.entries(runners).find(([name]) => name === language)?.[1];
  if (!runner) throw new Error(`no command runs ${language}`);
  const { tool, command, args } = runner;
  const found = await run(tool, ['--version']).catch(() => undefined);
  if (!found) {
    process.stderr.write(
      `\nNOT TESTED: the ${language} sample of docs/serve.md, because ${tool} is not installed\n\n`,
    );
    return;
  }
  const deck = /\w+::Words/.exec(code)?.[0] ?? '';
  const { stdout } = await run(command, [...args, code.replaceAll(documentedUrl, await url)]);
  expect(stdout).toContain(deck);
  expect(JSON.parse(await ask({ action: 'deckNames' }))).toContain(deck);
});
