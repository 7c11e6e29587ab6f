import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { OutcomeUnknown, Unreachable } from '../../../contract/errors.ts';
import { EngineError } from './engine-error.ts';
import type { Installation } from './install.ts';
import { once } from '../../../lib/once.ts';
import { deleteWorkFolder, makeWorkFolder } from '../../../lib/work-folder.ts';
import { type Json, parseJson, printJson } from '../../../lib/json.ts';
import { decode, encode, readProtocol, type Method as MethodDescriptor, type Protocol } from './protocol.ts';
import {
  immediateMethods,
  type Method,
  type MethodTaking,
  type RpcRequest,
  type RpcResponse,
} from './rpc.ts';

// Kinds of requests and statuses of replies, as in host.py.
const COMMAND = 0;
const IMMEDIATE = 1;
const SQL = 2;
const RESULT = 0;
const REFUSED = 1;
const BROKEN = 2;

/** A reply frame without its id. */
interface Reply {
  readonly status: number;
  readonly payload: Uint8Array;
}

interface PendingCall {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds between two checks of a process with pending calls, and the number of silent checks after which it is killed. */
const checkIntervalMs = 5000;
const maxSilentChecks = 6;

/** Size of a frame in bytes: at least an id and a status, at most the longest string of Node. */
const minFrame = 5;
const maxFrame = 0x2000_0000;

/** Signals that other programs send. A damaged engine or Python has others. */
const foreign: ReadonlySet<NodeJS.Signals> = new Set(['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGTERM']);

const unreadable = 'its reply could not be read';

const running = new Set<ChildProcess>();

// A hanging process does not notice the end of its stdin and would keep the collection open.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Makes a folder for the engine's temporary files. Without one, it uses the system's. */
const temporaryFolder = (): Promise<string | undefined> =>
  makeWorkFolder(tmpdir(), 'ankiwright-engine-').catch(() => undefined);

/** A Python process that hosts Anki's engine. Calls are answered in order, except those of `immediateMethods`. */
export class Host {
  readonly #child: ChildProcess;
  readonly #protocol: () => Protocol;
  readonly #pending = new Map<number, PendingCall>();
  readonly #exited: Promise<void>;
  readonly #checkTimer: NodeJS.Timeout;
  #nextId = 0;
  #ended: string | undefined;
  /** The signal of another process that ended it. */
  #signal: NodeJS.Signals | undefined;
  #stderrTail = '';
  #silentChecks = 0;

  /** Starts the process and resolves when its engine is loaded. Throws Unreachable. */
  static async start(installation: Installation): Promise<Host> {
    let host: Host | undefined;
    try {
      host = new Host(installation, await temporaryFolder());
      await host.call('latest_progress', {});
      return host;
    } catch (error) {
      await host?.close();
      const reason = host && error instanceof OutcomeUnknown ? host.#ended : String(error);
      if (host !== undefined && host.#signal !== undefined)
        throw new Unreachable(
          `Anki's engine was ended by another program (${host.#signal}) while it started, for example because memory ran out. Nothing was changed. Try again.`,
        );
      const { python, folder } = installation;
      throw new Unreachable(
        `Anki's engine could not be started with ${python} (${reason}). Nothing was changed. Delete ${dirname(folder)}: the next call then installs the engine again. If that does not help, set another Python in the server's settings: --python PATH.`,
      );
    }
  }

  /** Starts the process without waiting for it; use `start` to wait. The folder for its temporary files is deleted at its end. */
  constructor(installation: Installation, folder?: string) {
    // Read by the first call, while the process starts.
    this.#protocol = once(() => readProtocol(installation.tables));
    const child = spawn(installation.python, ['-I', '-S', installation.host, installation.folder], {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      env: { ...process.env, ...(folder !== undefined && { TMPDIR: folder, TEMP: folder, TMP: folder }) },
    });
    this.#child = child;
    running.add(child);
    this.#checkTimer = setInterval(() => this.#checkAlive(), checkIntervalMs).unref();
    this.#exited = new Promise((resolve) => {
      const onExit = (how: string) => {
        running.delete(child);
        this.#end(how);
        // A killed engine leaves files, which may be copies of the collection.
        resolve(folder === undefined ? undefined : deleteWorkFolder(folder).catch(() => {}));
      };
      child.once('error', (error) => onExit(error.message));
      child.once('close', (code, signal) => {
        if (this.#ended === undefined && signal && foreign.has(signal)) this.#signal = signal;
        const lastLines = this.#stderrTail.trim().split('\n').slice(-3).join(' ');
        onExit([signal ?? `exit code ${code}`, lastLines].filter(Boolean).join('; '));
      });
    });
    child.stdin.on('error', () => {}); // reported by the exit
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderrTail = (this.#stderrTail + chunk.toString()).slice(-2000);
    });
    child.stdout.on('data', () => (this.#silentChecks = 0));
    readFrames(child.stdout, (frame) => this.#receive(frame));
  }

  /** True if the process has exited, was killed, or could not be started. Every call then fails. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Id of the process; undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Calls a method of the engine. Throws EngineError if it refuses, OutcomeUnknown if the process ends before it replies. */
  async call<M extends Method>(name: M, request: RpcRequest<M>): Promise<RpcResponse<M>> {
    const method = this.#methodOf(name);
    const payload = await this.#command(name, encode(method.request, request));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test compares `rpc` with the installed descriptors
    return this.#read(() => decode(method.response, payload) as RpcResponse<M>);
  }

  /** Calls a method, and then a second one with the reply of the first as its request. The reply is not decoded in between. */
  async chain<First extends Method, Second extends MethodTaking<First>>(
    first: First,
    request: RpcRequest<First>,
    second: Second,
  ): Promise<RpcResponse<Second>> {
    const { response } = this.#methodOf(second);
    const reply = await this.#command(first, encode(this.#methodOf(first).request, request));
    const payload = await this.#command(second, reply);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as in `call`
    return this.#read(() => decode(response, payload) as RpcResponse<Second>);
  }

  /** Returns the rows of a query. SQL that does not begin with `select` clears the undo history. */
  async query(sql: string, ...args: Json[]): Promise<readonly (readonly Json[])[]> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine returns rows or an error
    return (await this.#database({
      kind: 'query',
      sql,
      args,
      first_row_only: false,
    })) as readonly (readonly Json[])[];
  }

  /** Begins a transaction, which `rollback` must end. */
  async begin(): Promise<void> {
    await this.#database({ kind: 'begin' });
  }

  /** Takes back every change since `begin`. */
  async rollback(): Promise<void> {
    await this.#database({ kind: 'rollback' });
  }

  /** Ends the process after its pending calls; kills it if it does not exit in time. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const force = setTimeout(() => this.#child.kill('SIGKILL'), checkIntervalMs);
    await this.#exited;
    clearTimeout(force);
  }

  /** Kills the process: the engine writes nothing more to any file. */
  async kill(): Promise<void> {
    this.#kill('it was killed');
    await this.#exited;
  }

  #methodOf(name: Method): MethodDescriptor {
    const method = this.#protocol().methods.get(name);
    if (!method) throw new Error(`The installed engine has no method ${name}: its version does not match.`);
    return method;
  }

  #command(name: Method, payload: Uint8Array): Promise<Uint8Array> {
    const { service, method } = this.#methodOf(name);
    return this.#send(immediateMethods.has(name) ? IMMEDIATE : COMMAND, service, method, payload);
  }

  async #database(request: Json): Promise<Json> {
    const reply = await this.#send(SQL, 0, 0, Buffer.from(printJson(request, 'digits')));
    return this.#read(() => parseJson(Buffer.from(reply).toString()));
  }

  async #send(kind: number, service: number, method: number, payload: Uint8Array): Promise<Uint8Array> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#stopped());
        return;
      }
      const id = this.#nextId;
      this.#nextId = (id + 1) % 0x1_0000_0000;
      this.#pending.set(id, { resolve, reject });
      const head = Buffer.alloc(13);
      head.writeUInt32LE(payload.length + 9, 0);
      head.writeUInt32LE(id, 4);
      head.writeUInt8(kind, 8);
      head.writeUInt16LE(service, 9);
      head.writeUInt16LE(method, 11);
      this.#write(payload.length ? Buffer.concat([head, payload]) : head);
    });
    if (reply.status === RESULT) return reply.payload;
    if (reply.status === REFUSED)
      throw this.#read(() => EngineError.decode(this.#protocol().error, reply.payload));
    // After a panic the engine is in an undefined state.
    const reason = reply.status === BROKEN ? Buffer.from(reply.payload).toString() : unreadable;
    throw this.#kill(reason.slice(0, 500));
  }

  /** Writes a frame. Frames of the same tick are written together. */
  #write(frame: Buffer): void {
    const { stdin } = this.#child;
    if (!stdin) return;
    if (stdin.writableCorked === 0) {
      stdin.cork();
      process.nextTick(() => stdin.uncork());
    }
    stdin.write(frame);
  }

  #receive(frame: Buffer | undefined): void {
    const id = frame?.readUInt32LE(0) ?? -1;
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (frame && pending) pending.resolve({ status: frame.readUInt8(4), payload: frame.subarray(5) });
    else this.#kill('it sent a reply without a request');
  }

  #read<T>(decodeReply: () => T): T {
    try {
      return decodeReply();
    } catch {
      throw this.#kill(unreadable);
    }
  }

  /** Kills a process that hangs or has closed its pipes. A working process answers `latest_progress` even during a long call. */
  #checkAlive(): void {
    if (this.#pending.size === 0) this.#silentChecks = 0;
    else if (this.#silentChecks++ < maxSilentChecks) this.call('latest_progress', {}).catch(() => {}); // the pending calls report it
    else this.#kill(`it did not respond for ${(checkIntervalMs * maxSilentChecks) / 1000} seconds`);
  }

  /** Kills a process whose replies can no longer be trusted. */
  #kill(reason: string): OutcomeUnknown {
    this.#end(reason);
    this.#child.kill('SIGKILL');
    return this.#stopped();
  }

  /** Marks the process as ended, and rejects its pending calls. */
  #end(how: string): void {
    this.#ended ??= how;
    clearInterval(this.#checkTimer);
    for (const { reject } of this.#pending.values()) reject(this.#stopped());
    this.#pending.clear();
  }

  #stopped(): OutcomeUnknown {
    return new OutcomeUnknown(
      `Anki's engine stopped during this call (${this.#ended}). If this call changes something, its outcome is unknown: read it back before you repeat it. The next call starts the engine again.`,
    );
  }
}

/** Passes each frame to `receive`, or undefined for an invalid one, after which reading stops. */
function readFrames(stream: NodeJS.ReadableStream, receive: (frame: Buffer | undefined) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  let needed = 4;
  stream.on('data', (chunk: Buffer) => {
    parts.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    let all = Buffer.concat(parts);
    while (all.length >= 4) {
      const length = all.readUInt32LE(0);
      if (length < minFrame || length > maxFrame) {
        stream.removeAllListeners('data');
        receive(undefined);
        return;
      }
      const end = 4 + length;
      if (all.length < end) break;
      receive(all.subarray(4, end));
      all = all.subarray(end);
    }
    needed = all.length >= 4 ? 4 + all.readUInt32LE(0) : 4;
    parts = [all];
    size = all.length;
  });
}
