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

async function serve(sessionServer: HttpOptions['sessionServer']): Promise<string> {
  const listener = await mcpHttp({ sessionServer });
  const proxy = await relay(listener.url, token);
  closing.push(listener.close, proxy.close);
  return proxy.url;
}

function serveEngine(): Promise<string> {
  const { engine, close } = temporaryEngine();
  closing.push(close);
  return serve(sessionsOn(engine));
}

const expectedFailures = fileURLToPath(new URL('expected-failures.yml', import.meta.url));
const entries = readFileSync(expectedFailures, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('  '));
const expected = entries.map((line) => /^ {2}- (\S+) # \S/.exec(line)?.[1] ?? `missing reason: ${line}`);

/** Writes a list of expected failures and returns its path. */
function writeExpectedFailures(names: readonly string[]): string {
  const folder = temporaryFolder();
  const path = join(folder, 'expected-failures.yml');
  writeFileSync(path, ['server:', ...names.map((name) => `  - ${name}`)].join('\n'));
  return path;
}

test('a server with the suite’s fixtures passes everything', async () => {
  const { code, output, scenarios } = await conformance(await serve(conformanceServer));
  const failed = [...scenarios].filter(([, counts]) => counts.failed > 0);
  const empty = [...scenarios].filter(([, counts]) => counts.passed === 0).map(([name]) => name);
  expect(failed, output).toEqual([]);
  // This scenario only warns, because no events are stored.
  expect(empty, output).toEqual(['server-sse-polling']);
  expect(scenarios.size).toBe(32);
  expect(code).toBe(0);
});

test('on an Anki backend, exactly the expected scenarios fail', async () => {
  const { code, output, scenarios } = await conformance(
    await serveEngine(),
    '--expected-failures',
    expectedFailures,
  );
  expect(output).toContain('Baseline check passed: all failures are expected.');
  expect(code, output).toBe(0);
  expect(scenarios.size).toBe(32);
  // The suite ignores unknown entries.
  expect(expected.filter((name) => (scenarios.get(name)?.failed ?? 0) === 0)).toEqual([]);
  const passed = [...scenarios].filter(([, counts]) => counts.failed === 0 && counts.passed > 0);
  expect(passed).toHaveLength(scenarios.size - expected.length);
});

test.each([
  ['passes', [...expected, 'ping'], 'Baseline is stale'],
  ['is missing and fails', expected.slice(1), 'Unexpected failures detected'],
])('the suite fails if a scenario of the list %s', async (_, names, message) => {
  const path = writeExpectedFailures(names);
  const { code, output } = await conformance(await serveEngine(), '--expected-failures', path);
  expect(output).toContain(message);
  expect(code).toBe(1);
});

test('without a server, nothing passes', async () => {
  const { code, scenarios } = await conformance(
    'http://127.0.0.1:9/mcp',
    '--expected-failures',
    expectedFailures,
  );
  expect([...scenarios.values()].filter(({ passed }) => passed > 0)).toEqual([]);
  expect(code).toBe(1);
});
