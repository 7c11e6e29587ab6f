import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, expect, test } from 'vitest';
import { actionNames } from '../../src/contract/index.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const children: ChildProcessWithoutNullStreams[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Reply {
  readonly id?: number;
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text: string }[] };
}

/** The built server with its complete output. */
class Run {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  stderr = '';
  readonly exit: Promise<number | null>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [main, ...args]);
    children.push(this.child);
    let rest = '';
    this.child.stdout.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      this.#lines.push(...parts);
    });
    this.child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.child.stdin.on('error', () => {}); // the process may have ended
    this.exit = new Promise((resolve) => this.child.once('exit', resolve));
  }

  send(message: object | string): void {
    this.child.stdin.write(
      `${typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message })}\n`,
    );
  }

  /** Returns the messages on stdout. Throws if a line is not JSON. */
  replies(): Reply[] {
    return this.#lines.map((line) => JSON.parse(line));
  }

  replyTo(id: number): Promise<Reply> {
    return eventually(() => {
      const found = this.replies().find((reply) => reply.id === id);
      if (!found) throw new Error(`no reply to ${id} yet; stderr: ${this.stderr}`);
      return found;
    });
  }

  async initialize(): Promise<void> {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    };
    this.send({ id: 0, method: 'initialize', params });
    await this.replyTo(0);
    this.send({ method: 'notifications/initialized' });
  }

  call(id: number, name: string, args: object = {}): void {
    this.send({ id, method: 'tools/call', params: { name, arguments: args } });
  }
}

const text = (reply: Reply): string => reply.result?.content?.[0]?.text ?? '';

/** Starts a server that never answers. `reached` resolves at the first request. */
async function silentServer(): Promise<{ url: string; reached: Promise<void>; close: () => void }> {
  const server = createServer((socket) => socket.on('error', () => {}));
  const reached = new Promise<void>((resolve) => {
    server.on('connection', (socket) => socket.once('data', () => resolve()));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, reached, close: () => server.close() };
}

test('the official client lists every action and works on a collection', async () => {
  const collection = join(temporaryFolder(), 'c.anki2');
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [main, '--collection', collection] }),
  );
  try {
    const listed = (await client.listTools()).tools.map(({ name }) => name);
    expect(actionNames.filter((name) => !listed.includes(name))).toEqual([]);
    expect(client.getInstructions()?.length).toBeLessThanOrEqual(2000);
    const created = await client.callTool({ name: 'createDeck', arguments: { deck: 'A::B' } });
    expect(created.isError).toBeFalsy();
    const decks = await client.callTool({ name: 'deckNames', arguments: {} });
    expect(decks.structuredContent).toEqual({ result: ['A', 'A::B', 'Default'] });
    expect(decks.content).toEqual([{ type: 'text', text: '{"result":["A","A::B","Default"]}' }]);
  } finally {
    await client.close();
  }
});

test('ignores invalid lines, and writes only MCP messages to stdout', async () => {
  const run = new Run('--url', 'http://127.0.0.1:9');
  run.send('this is not JSON');
  run.send('{"jsonrpc":"2.0"}');
  run.send('[]');
  await run.initialize();
  run.send('{"half": ');
  run.call(1, 'version');
  expect(text(await run.replyTo(1))).toContain('Ask the user to start Anki');
  expect(run.replies().every((reply) => 'id' in reply)).toBe(true);
});

test('accepts null as arguments, and refuses arguments that are not an object', async () => {
  const anki = await silentServer();
  const run = new Run('--url', anki.url, '--timeout', '0.2');
  await run.initialize();
  run.send({ id: 1, method: 'tools/call', params: { name: 'deckNames', arguments: null } });
  expect(text(await run.replyTo(1))).toMatch(/did not answer deckNames/);
  run.send({ id: 2, method: 'tools/call', params: { name: 'deckNames', arguments: ['x'] } });
  const message = 'MCP error -32602: tools/call needs a name (string) and arguments (object or null).';
  expect(await run.replyTo(2)).toMatchObject({ error: { code: -32602, message } });
  anki.close();
});

test('reports at once that Anki is not running', async () => {
  const run = new Run('--url', 'http://127.0.0.1:9');
  await run.initialize();
  run.call(1, 'deckNames'); // loads the client
  await run.replyTo(1);
  run.call(2, 'deckNames');
  const reply = await run.replyTo(2);
  expect(reply.result?.isError).toBe(true);
  expect(text(reply)).toMatch(/Anki is not running/);
});

test.each([
  ['end of stdin', (run: Run) => run.child.stdin.end()],
  ['SIGTERM', (run: Run) => run.child.kill('SIGTERM')],
  ['SIGINT', (run: Run) => run.child.kill('SIGINT')],
])('%s ends the process without waiting for a running call', async (_, stop) => {
  const anki = await silentServer();
  const run = new Run('--url', anki.url, '--timeout', '3600');
  await run.initialize();
  run.call(1, 'deckNames');
  await anki.reached;
  stop(run);
  expect(await run.exit).toBe(0);
  anki.close();
});

test('hundreds of cancelled calls do not keep the server from reading', async () => {
  const anki = await silentServer();
  const run = new Run('--url', anki.url, '--timeout', '3600');
  await run.initialize();
  for (let id = 1; id <= 300; id++) {
    run.call(id, 'deckNames');
    run.send({ method: 'notifications/cancelled', params: { requestId: id } });
  }
  run.send({ id: 1000, method: 'ping' });
  expect(await run.replyTo(1000)).toMatchObject({ result: {} });
  anki.close();
});

test('the process ends when the client closes stdout', async () => {
  const run = new Run('--url', 'http://127.0.0.1:9');
  await run.initialize();
  run.child.stdout.destroy();
  for (let id = 1; id < 20; id++) run.send({ id, method: 'tools/list' });
  expect(await run.exit).toBe(0);
  expect(run.stderr).toBe('');
});

test.each([
  [['--colection', 'x'], `Unknown option '--colection'; did you mean "--collection"?`],
  [['--timeout', '-1'], '--timeout needs a number of seconds above 0'],
  [['instal'], 'unknown command "instal". Did you mean "install"?'],
  [['--timeout', 'soon'], '--timeout needs a number of seconds'],
  [['--toolsets', 'cards'], 'unknown toolset "cards"; did you mean "card"?'],
  [['--exclude-tools', 'addNot'], 'did you mean "addNote"?'],
  [['--url', 'ftp://x'], '--url needs an http or https URL'],
  [['sing'], 'unknown command "sing"'],
])('%j is a usage error: one line, exit code 2', async (args, message) => {
  const run = new Run(...args);
  run.child.stdin.end();
  expect(await run.exit).toBe(2);
  expect(run.stderr).toContain(message);
  expect(run.stderr.trim().split('\n')).toHaveLength(1);
});
