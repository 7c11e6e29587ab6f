import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { OutcomeUnknown, Unreachable } from '../../../contract/errors.ts';
import { EngineError } from './engine-error.ts';
import type { Installation } from './install.ts';
import { type Json, parseJson, printJson } from '../../../lib/json.ts';
import { decode, encode, readProtocol, type Protocol } from './protocol.ts';
import { atOnce, type Method, type Request, type Response } from './rpc.ts';

const COMMAND = 0;
const AT_ONCE = 1;
const SQL = 2;
const RESULT = 0;
const REFUSED = 1;
const BROKEN = 2;

interface Answer {
  readonly status: number;
  readonly payload: Uint8Array;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds between two looks at a process for which somebody waits, and how many in vain end it. */
const pulse = 5000;
const patience = 6;

/** An id and a status; and what is longer than any text that can be held. */
const shortestFrame = 5;
const longestFrame = 0x2000_0000;

const unreadable = 'its answer could not be read';

const running = new Set<ChildProcess>();

// A process that hangs would not see the end of its stdin, and hold the collection for good.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One Python process that holds Anki's engine. Calls are answered in order, but for those of `atOnce`. */
export class Host {
  readonly #child: ChildProcess;
  readonly #protocol: Protocol;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  readonly #pulse: NodeJS.Timeout;
  #nextId = 0;
  #ended: string | undefined;
  #said = '';
  #silent = 0;

  /** Starts the process and waits until its engine is loaded. */
  static async start(installation: Installation): Promise<Host> {
    let host: Host | undefined;
    try {
      host = new Host(installation);
      await host.call('latest_progress', {});
      return host;
    } catch (error) {
      await host?.close();
      const why = host ? host.#ended : String(error);
      const { python, folder } = installation;
      throw new Unreachable(
        `Anki's engine could not be started with ${python} (${why}). Nothing was changed. If this Python is at fault, name another one with --python PATH; if the engine is, delete ${dirname(folder)}, and the next call installs it anew.`,
      );
    }
  }

  constructor(installation: Installation) {
    this.#protocol = readProtocol(installation.tables);
    const child = spawn(installation.python, ['-I', '-S', installation.host, installation.folder], {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    running.add(child);
    this.#pulse = setInterval(() => this.#feel(), pulse).unref();
    this.#exited = new Promise((resolve) => {
      const gone = (how: string) => {
        running.delete(child);
        this.#end(how);
        resolve();
      };
      child.once('error', (error) => gone(error.message));
      child.once('close', (code, signal) => {
        const said = this.#said.trim().split('\n').slice(-3).join(' ');
        gone([signal ?? `exit code ${code}`, said].filter(Boolean).join('; '));
      });
    });
    child.stdin.on('error', () => {}); // the exit tells
    child.stderr.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-2000);
    });
    child.stdout.on('data', () => (this.#silent = 0));
    readFrames(child.stdout, (frame) => this.#receive(frame));
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async call<M extends Method>(name: M, request: Request<M>): Promise<Response<M>> {
    const method = this.#protocol.methods.get(name);
    if (!method) throw new Error(`The installed engine has no method ${name}: its version does not fit.`);
    const kind = atOnce.has(name) ? AT_ONCE : COMMAND;
    const payload = await this.#send(kind, method.service, method.method, encode(method.request, request));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test holds `rpc` against the installed descriptors
    return this.#read(() => decode(method.response, payload) as Response<M>);
  }

  /** Rows of a query. SQL that does not begin with `select` drops the undo history. */
  async query(sql: string, ...args: Json[]): Promise<readonly (readonly Json[])[]> {
    const request = { kind: 'query', sql, args, first_row_only: false };
    const reply = await this.#send(SQL, 0, 0, Buffer.from(printJson(request, 'digits')));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine answers a query with rows, or with an error
    return this.#read(() => parseJson(Buffer.from(reply).toString()) as readonly (readonly Json[])[]);
  }

  /** Ends the process, which is to have done what it was sent; by force if it does not go. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const force = setTimeout(() => this.#child.kill('SIGKILL'), pulse);
    await this.#exited;
    clearTimeout(force);
  }

  async #send(kind: number, service: number, method: number, payload: Uint8Array): Promise<Uint8Array> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#stopped());
        return;
      }
      const id = this.#nextId;
      this.#nextId = (id + 1) % 0x1_0000_0000;
      this.#waiting.set(id, { resolve, reject });
      const head = Buffer.alloc(13);
      head.writeUInt32LE(payload.length + 9, 0);
      head.writeUInt32LE(id, 4);
      head.writeUInt8(kind, 8);
      head.writeUInt16LE(service, 9);
      head.writeUInt16LE(method, 11);
      this.#child.stdin?.write(payload.length ? Buffer.concat([head, payload]) : head);
    });
    if (answer.status === RESULT) return answer.payload;
    if (answer.status === REFUSED)
      throw this.#read(() => EngineError.decode(this.#protocol.error, answer.payload));
    // A panic poisons the engine for good: nothing after it can be trusted.
    const words = answer.status === BROKEN ? Buffer.from(answer.payload).toString() : unreadable;
    throw this.#condemn(words.slice(0, 500));
  }

  #receive(frame: Buffer | undefined): void {
    const id = frame?.readUInt32LE(0) ?? -1;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (frame && waiting) waiting.resolve({ status: frame.readUInt8(4), payload: frame.subarray(5) });
    else this.#condemn('it answered what nobody had asked');
  }

  #read<T>(decoded: () => T): T {
    try {
      return decoded();
    } catch {
      throw this.#condemn(unreadable);
    }
  }

  /** Nobody is to wait for ever for a process that is held up, or has closed its pipes. Also during a long call it answers this at once. */
  #feel(): void {
    if (this.#waiting.size === 0) this.#silent = 0;
    else if (this.#silent++ < patience) this.call('latest_progress', {}).catch(() => {}); // who waits is told
    else this.#condemn(`it gave no sign of life for ${(pulse * patience) / 1000} seconds`);
  }

  /** Ends a process that cannot be trusted any more. */
  #condemn(why: string): OutcomeUnknown {
    this.#end(why);
    this.#child.kill('SIGKILL');
    return this.#stopped();
  }

  #end(how: string): void {
    this.#ended ??= how;
    clearInterval(this.#pulse);
    for (const { reject } of this.#waiting.values()) reject(this.#stopped());
    this.#waiting.clear();
  }

  #stopped(): OutcomeUnknown {
    return new OutcomeUnknown(
      `Anki's engine stopped during this call (${this.#ended}). If the call was to change something, it is unknown whether it did: read it back before repeating it. The next call starts the engine anew.`,
    );
  }
}

/** Hands over each frame; nothing in place of one that cannot be right, after which no other is found. */
function readFrames(stream: NodeJS.ReadableStream, receive: (frame: Buffer | undefined) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  let wanted = 4;
  stream.on('data', (chunk: Buffer) => {
    parts.push(chunk);
    size += chunk.length;
    if (size < wanted) return;
    let all = Buffer.concat(parts);
    while (all.length >= 4) {
      const length = all.readUInt32LE(0);
      if (length < shortestFrame || length > longestFrame) {
        stream.removeAllListeners('data');
        receive(undefined);
        return;
      }
      const end = 4 + length;
      if (all.length < end) break;
      receive(all.subarray(4, end));
      all = all.subarray(end);
    }
    wanted = all.length >= 4 ? 4 + all.readUInt32LE(0) : 4;
    parts = [all];
    size = all.length;
  });
}
