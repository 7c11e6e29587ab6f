import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { messageOf } from '../../lib/error.ts';
import { jsonIn } from '../../lib/json.ts';
import type { System } from '../system.ts';
import type { Launch } from './launch.ts';

/** What came of a start. */
export interface Trial {
  readonly tools: number;
  /** Cards that are due today, if they were counted. */
  readonly due?: number;
  /** Why Anki did not answer. */
  readonly problem?: string;
}

/** Milliseconds for all steps: the first start may install the engine. */
const timeoutMs = 180_000;
/** Milliseconds that the server gets to end. */
const endMs = 3_000;

/** Variables that clients pass on to a server, next to those of its entry. */
const inherited =
  process.platform === 'win32'
    ? [
        'APPDATA',
        'HOMEDRIVE',
        'HOMEPATH',
        'LOCALAPPDATA',
        'PATH',
        'PATHEXT',
        'PROGRAMFILES',
        'SYSTEMDRIVE',
        'SYSTEMROOT',
        'TEMP',
        'USERNAME',
        'USERPROFILE',
      ]
    : ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'USER'];

const overview = 'overview';
const replySchema = z.looseObject({
  id: z.int(),
  result: z.unknown(),
  error: z.looseObject({ message: z.string() }).optional(),
});
const toolsSchema = z.looseObject({ tools: z.array(z.looseObject({ name: z.string() })) });
const failedSchema = z.looseObject({
  isError: z.literal(true),
  content: z.tuple([z.looseObject({ text: z.string() })]),
});
const countsSchema = z.looseObject({
  structuredContent: z.looseObject({
    result: z.looseObject({ today: z.looseObject({ learning: z.int(), due: z.int() }) }),
  }),
});

/** Starts the server once as a client does, lists its tools, and asks it for the due cards. Throws an error if it does not start. */
export async function tryLaunch({ command, args, env }: Launch, system: System): Promise<Trial> {
  const passed = inherited.flatMap((name) =>
    system.env[name] === undefined ? [] : [[name, system.env[name]]],
  );
  const child = spawn(command, args, {
    cwd: system.home,
    env: { ...Object.fromEntries(passed), ...env },
    windowsHide: true,
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  try {
    return await converse(connect(child));
  } finally {
    clearTimeout(timer);
    child.stdin.end();
    setTimeout(() => child.kill('SIGKILL'), endMs).unref();
  }
}

type Request = (method: string, params: object) => Promise<unknown>;

async function converse({
  request,
  notify,
}: {
  request: Request;
  notify: (method: string) => void;
}): Promise<Trial> {
  const clientInfo = { name: 'ankiwright-install', version: '1' };
  await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  notify('notifications/initialized');
  const { tools } = toolsSchema.parse(await request('tools/list', {}));
  const count = { tools: tools.length };
  if (!tools.some(({ name }) => name === overview)) return count;
  const reply = await request('tools/call', { name: overview, arguments: {} });
  const failed = failedSchema.safeParse(reply);
  if (failed.success) return { ...count, problem: failed.data.content[0].text };
  const { learning, due } = countsSchema.parse(reply).structuredContent.result.today;
  return { ...count, due: learning + due };
}

/** Returns functions that send messages to the server. A request fails if the server ends before it answers. */
function connect(child: ChildProcessWithoutNullStreams) {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let stderr = '';
  let ended: Error | undefined;
  const end = (reason: string): void => {
    ended ??= new Error(reason);
    for (const { reject } of waiting.values()) reject(ended);
  };
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2000)));
  child.stdin.on('error', () => {}); // the end of the program is reported
  child.once('error', (error) => end(`${child.spawnfile} cannot be started (${messageOf(error)}).`));
  child.once('close', () => end(reasonIn(stderr) || 'it ended without an answer.'));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = replyIn(line);
    const call = reply && waiting.get(reply.id);
    if (reply?.error) call?.reject(new Error(reply.error.message));
    else call?.resolve(reply?.result);
  });
  const send = (message: object): unknown =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let id = 0;
  const request: Request = (method, params) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      waiting.set(++id, { resolve, reject });
      return void send({ id, method, params });
    });
  return { request, notify: (method: string): void => void send({ method }) };
}

/** Returns the last line, or the first lines of npm's error, whose last line only names a log file. */
function reasonIn(stderr: string): string | undefined {
  const lines = stderr.trim().split('\n');
  const npm = lines
    .filter((line) => line.startsWith('npm error '))
    .map((line) => line.slice('npm error '.length));
  return npm.length > 0 ? npm.slice(0, 2).join('; ') : lines.at(-1);
}

const replyIn = (line: string): z.output<typeof replySchema> | undefined =>
  replySchema.safeParse(jsonIn(line)).data;
