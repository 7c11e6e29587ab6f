import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../src/lib/json.ts';

// An exchange is a request and the answer that Anki 26.9.3 with Anki-Connect 25.11.9.0 gave to it, byte by byte.

/** Settings under Anki-Connect's own names. */
export interface Settings {
  readonly apiKey?: string;
  readonly webCorsOriginList?: readonly string[];
  readonly ignoreOriginList?: readonly string[];
}

export interface Request {
  readonly method?: string;
  readonly path?: string;
  /** In this order; null leaves one out that would be there otherwise. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly bodyText?: string;
  readonly bodyBase64?: string;
  /** The whole request. */
  readonly rawBase64?: string;
  /** Sent in two parts, with a pause between them. */
  readonly splitAt?: number;
  readonly pauseMs?: number;
}

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyText: string;
}

export interface Exchange {
  readonly name: string;
  readonly request: Request;
  readonly config?: Settings;
  /** What may differ: all of an error's text but its first line, all of it, or ids; nothing otherwise. */
  readonly compare?: 'errorFirstLine' | 'errorAny' | 'ids';
  readonly response: Response;
}

const exchanges: readonly Exchange[] = JSON.parse(
  readFileSync(new URL('./wire.json', import.meta.url), 'utf8'),
);

/** Runs of exchanges under the same settings; each run is sent in order to one server. */
export const runs: readonly { readonly config: Settings; readonly exchanges: readonly Exchange[] }[] =
  exchanges.reduce<{ config: Settings; exchanges: Exchange[] }[]>((runs, exchange) => {
    const { config = {} } = exchange;
    const last = runs.at(-1);
    if (last && JSON.stringify(last.config) === JSON.stringify(config)) last.exchanges.push(exchange);
    else runs.push({ config, exchanges: [exchange] });
    return runs;
  }, []);

function bytesOf(request: Request, port: number): Buffer {
  if (request.rawBase64 !== undefined) return Buffer.from(request.rawBase64, 'base64');
  const body = Buffer.from(
    request.bodyBase64 ?? request.bodyText ?? '',
    request.bodyBase64 === undefined ? 'utf8' : 'base64',
  );
  const headers: Record<string, string | null> = { Host: `127.0.0.1:${port}`, ...request.headers };
  if (!Object.keys(headers).some((name) => /^content-length$/i.test(name)))
    headers['Content-Length'] = String(body.length);
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}`],
  );
  const head = `${request.method} ${request.path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** The answer in these bytes; undefined while it is not whole. */
function responseIn(bytes: Buffer, ended: boolean): Response | undefined {
  const cut = bytes.indexOf('\r\n\r\n');
  if (cut < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, cut).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const rest = bytes.subarray(cut + 4);
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (!ended && (length === undefined || rest.length < length)) return undefined;
  return { status: Number(first.split(' ')[1]), headers, bodyText: rest.subarray(0, length).toString() };
}

/** Sends a request over a connection of its own. */
export function exchange(request: Request, port: number): Promise<Response> {
  const data = bytesOf(request, port);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let got = Buffer.alloc(0);
    const look = (ended: boolean) => {
      const response = responseIn(got, ended);
      if (response) resolve(response);
      else if (ended) reject(new Error(`no answer, but ${JSON.stringify(got.toString().slice(0, 80))}`));
      if (response || ended) socket.destroy();
    };
    socket.setTimeout(15_000, () => look(true));
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      look(false);
    });
    socket.on('close', () => look(true)).on('error', reject);
    const say = async () => {
      socket.write(data.subarray(0, request.splitAt));
      if (request.splitAt === undefined) return;
      await sleep(request.pauseMs ?? 200);
      socket.write(data.subarray(request.splitAt));
    };
    socket.on('connect', () => void say());
  });
}

const compared = [
  'content-type',
  'access-control-allow-origin',
  'access-control-allow-headers',
  'access-control-allow-private-network',
];

const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What two bodies have to have in common. */
function essence(text: string, how: Exchange['compare']): unknown {
  if (how === undefined) return text;
  if (how === 'ids') return text.replace(/(?<!\d)1[5-9]\d{11}(?!\d)/g, '#id');
  const body = parsed(text);
  if (!isObject(body) || typeof body['error'] !== 'string') return body;
  if (how === 'errorAny') return { ...body, error: 'any' };
  return how === 'errorFirstLine' ? { ...body, error: body['error'].split('\n')[0] } : body;
}

/** What is compared of an answer. */
export function comparable({ status, headers, bodyText }: Response, { compare }: Exchange): unknown {
  const shown = compared.map((name) => [name, headers[name]]);
  return { status, headers: Object.fromEntries(shown), body: essence(bodyText, compare) };
}
