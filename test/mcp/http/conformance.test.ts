import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { HttpOptions } from '../../../src/mcp/http/listen.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { conformanceServer } from '../../support/conformance-server.ts';
import { conformance, relay } from '../../support/conformance.ts';
import { mcpHttp, sessionsOn, token } from '../../support/mcp-http.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function reachable(sessionServer: HttpOptions['sessionServer']): Promise<string> {
  const front = await mcpHttp({ sessionServer });
  const through = await relay(front.url, token);
  closing.push(front.close, through.close);
  return through.url;
}

function onTheEngine(): Promise<string> {
  const { engine, close } = temporaryEngine();
  closing.push(close);
  return reachable(sessionsOn(engine));
}

const file = fileURLToPath(new URL('expected-failures.yml', import.meta.url));
const entries = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('  '));
const expected = entries.map((line) => /^ {2}- (\S+) # \S/.exec(line)?.[1] ?? `no reason in ${line}`);

/** The list with some entries more, or some less. */
function expecting(names: readonly string[]): string {
  const folder = temporaryFolder();
  const path = join(folder, 'expected-failures.yml');
  writeFileSync(path, ['server:', ...names.map((name) => `  - ${name}`)].join('\n'));
  return path;
}

test('with the suite’s own fixtures, everything passes', async () => {
  const { code, output, scenarios } = await conformance(await reachable(conformanceServer));
  const failed = [...scenarios].filter(([, verdict]) => verdict.failed > 0);
  const empty = [...scenarios].filter(([, verdict]) => verdict.passed === 0).map(([name]) => name);
  expect(failed, output).toEqual([]);
  // It only warns, of events that are not stored.
  expect(empty, output).toEqual(['server-sse-polling']);
  expect(scenarios.size).toBe(32);
  expect(code).toBe(0);
});

test('of a server for Anki, only what is listed fails, and everything else passes', async () => {
  const { code, output, scenarios } = await conformance(await onTheEngine(), '--expected-failures', file);
  expect(output).toContain('Baseline check passed: all failures are expected.');
  expect(code, output).toBe(0);
  expect(scenarios.size).toBe(32);
  // The suite passes over entries that it does not know.
  expect(expected.filter((name) => (scenarios.get(name)?.failed ?? 0) === 0)).toEqual([]);
  const passed = [...scenarios].filter(([, verdict]) => verdict.failed === 0 && verdict.passed > 0);
  expect(passed).toHaveLength(scenarios.size - expected.length);
});

test.each([
  ['passes now', [...expected, 'ping'], 'Baseline is stale'],
  ['fails now', expected.slice(1), 'Unexpected failures detected'],
])('the suite tells of what %s, against the list', async (_, names, says) => {
  const path = expecting(names);
  const { code, output } = await conformance(await onTheEngine(), '--expected-failures', path);
  expect(output).toContain(says);
  expect(code).toBe(1);
});

test('a server that is not there passes nothing', async () => {
  const { code, scenarios } = await conformance('http://127.0.0.1:9/mcp', '--expected-failures', file);
  expect([...scenarios.values()].filter(({ passed }) => passed > 0)).toEqual([]);
  expect(code).toBe(1);
});
