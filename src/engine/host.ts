import { spawn, type ChildProcess } from 'node:child_process';
import { OutcomeUnknown } from '../errors.ts';
import { EngineError } from './engine-error.ts';
import type { Installation } from './install.ts';
import { parseJson, printJson } from '../json.ts';
import type { Json } from '../action.ts';
import { decode, encode, readProtocol, type Protocol } from './protocol.ts';
import { atOnce, type Method, type Request, type Response } from './rpc.ts';

const COMMAND = 0;
const AT_ONCE = 1;
const SQL = 2;
const RESULT = 0;
const REFUSED = 1;

interface Waiting {
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** One Python process that holds Anki's engine. Calls are answered in order, but for those of `atOnce`. */
export class Host {
  readonly #child: ChildProcess;
  readonly #protocol: Protocol;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #nextId = 0;
  #ended: string | undefined;
  #said = '';

  constructor(installation: Installation) {
    this.#protocol = readProtocol(installation.tables);
    const child = spawn(installation.python, ['-I', '-S', installation.host, installation.folder], {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#end(error.message);
        resolve();
      });
      child.once('close', (code, signal) => {
        this.#end(signal ?? `exit code ${code}`);
        resolve();
      });
    });
    child.stdin.on('error', () => {}); // the exit tells
    child.stderr.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-2000);
    });
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
    return decode(method.response, payload) as Response<M>;
  }

  /** Rows of a query. SQL that does not begin with `select` drops the undo history. */
  async query(sql: string, ...args: Json[]): Promise<readonly (readonly Json[])[]> {
    const request = { kind: 'query', sql, args, first_row_only: false };
    const reply = await this.#send(SQL, 0, 0, Buffer.from(printJson(request, 'digits')));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine answers a query with rows, or with an error
    return parseJson(Buffer.from(reply).toString()) as readonly (readonly Json[])[];
  }

  /** Ends the process once what it was sent is done. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }

  #send(kind: number, service: number, method: number, payload: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
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
  }

  #receive(frame: Buffer): void {
    const id = frame.readUInt32LE(0);
    const status = frame.readUInt8(4);
    const payload = frame.subarray(5);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (status === RESULT) waiting?.resolve(payload);
    else if (status === REFUSED) waiting?.reject(EngineError.decode(this.#protocol.error, payload));
    else {
      // A panic poisons the engine for good: nothing after it can be trusted.
      this.#said += payload.toString();
      waiting?.reject(this.#stopped());
      this.#child.kill('SIGKILL');
    }
  }

  #end(how: string): void {
    this.#ended ??= how;
    for (const { reject } of this.#waiting.values()) reject(this.#stopped());
    this.#waiting.clear();
  }

  #stopped(): OutcomeUnknown {
    const lines = this.#said.trim().split('\n').slice(-3).join(' ');
    const why = [this.#ended, lines].filter(Boolean).join('; ');
    return new OutcomeUnknown(
      `Anki's engine stopped during this call${why && ` (${why})`}. If the call was to change something, it is unknown whether it did: read it back before repeating it. The next call starts the engine anew.`,
    );
  }
}

function readFrames(stream: NodeJS.ReadableStream, receive: (frame: Buffer) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  let wanted = 4;
  stream.on('data', (chunk: Buffer) => {
    parts.push(chunk);
    size += chunk.length;
    if (size < wanted) return;
    let all = Buffer.concat(parts);
    while (all.length >= 4) {
      const end = 4 + all.readUInt32LE(0);
      if (all.length < end) break;
      receive(all.subarray(4, end));
      all = all.subarray(end);
    }
    wanted = all.length >= 4 ? 4 + all.readUInt32LE(0) : 4;
    parts = [all];
    size = all.length;
  });
}
