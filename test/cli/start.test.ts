import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startProgram } from '../support/recorded-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const runBuilt = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8', input: '' });

test.each([
  [['--toolsets', 'cor'], 'unknown toolset "cor"; did you mean "core"?'],
  [['--url', 'ftp://x'], '--url needs an http or https URL'],
  [['--allow-dir', '/no/such/folder'], '--allow-dir /no/such/folder is not a folder'],
  [['--colection', 'x'], 'did you mean "--collection"?'],
])('%j: initialize is answered with the reason, and the program ends', async (args, reason) => {
  const program = startProgram(args);
  const clientInfo = { name: 'test', version: '1' };
  const reply = await program.request('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo,
  });
  expect(reply).toMatchObject({ error: { message: expect.stringContaining(reason) } });
  expect(await program.exit).toBe(2);
  expect(program.output.stderr).toContain(reason);
});

test('an old Node gets one line with the version that is needed', () => {
  const disguise = join(temporaryFolder(), 'old-node.cjs');
  writeFileSync(disguise, "Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } });");
  const { status, stdout, stderr } = runBuilt('--require', disguise, main, 'doctor');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^ankiwright: Node 18\.20\.4 is too old\. Install Node 20\.19 or later.*\n$/);
});

test.each([['--help'], ['-h'], ['help']])('%s prints the help', (word) => {
  const { status, stdout } = runBuilt(main, word);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ankiwright: an MCP server for Anki\n/);
});

test.each([['--version'], ['-v'], ['version']])('%s prints the version', (word) => {
  expect(runBuilt(main, word).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('the help of a command has only its options', () => {
  const { stdout } = runBuilt(main, 'install', '--help');
  expect(stdout).toContain('--dry-run');
  expect(stdout).not.toContain('--cors-origin');
});

test('an address without a scheme is taken for http', async () => {
  const program = startProgram(['--url', '127.0.0.1:9']);
  await program.initialize();
  expect(await program.call('version')).toMatchObject({
    result: { isError: true, content: [{ text: expect.stringContaining('http://127.0.0.1:9') }] },
  });
  await program.end();
});
