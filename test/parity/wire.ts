import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type Json } from '../../src/lib/json.ts';

// An exchange is an HTTP request with the recorded response of Anki 26.9.3 with Anki-Connect 25.11.9.0, byte by byte.

/** Settings under Anki-Connect's own names. */
export interface Settings {
  readonly apiKey?: string;
  readonly webCorsOriginList?: readonly string[];
  readonly ignoreOriginList?: readonly string[];
}

export interface HttpRequest {
  readonly method?: string;
  readonly path?: string;
  /** Headers in the order in which they are sent; null removes a default header. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly bodyText?: string;
  readonly bodyBase64?: string;
  /** The complete request, instead of the other members. */
  readonly rawBase64?: string;
  /** Index of the byte before which a pause is made. */
  readonly splitAt?: number;
  readonly pauseMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyText: string;
}

export interface Exchange {
  readonly name: string;
  readonly request: HttpRequest;
  readonly config?: Settings;
  /** What may differ: an error's text after its first line, its complete text, or ids. By default nothing. */
  readonly compare?: 'errorFirstLine' | 'errorAny' | 'ids';
  readonly response: HttpResponse;
}

const exchanges: readonly Exchange[] = JSON.parse(
  readFileSync(new URL('./wire.json', import.meta.url), 'utf8'),
);

/** Exchanges grouped by settings. Each group is sent in order to one server. */
export const runs: readonly { readonly config: Settings; readonly exchanges: readonly Exchange[] }[] =
  exchanges.reduce<{ config: Settings; exchanges: Exchange[] }[]>((runs, exchange) => {
    const { config = {} } = exchange;
    const last = runs.at(-1);
    if (last && JSON.stringify(last.config) === JSON.stringify(config)) last.exchanges.push(exchange);
    else runs.push({ config, exchanges: [exchange] });
    return runs;
  }, []);

function bytesOf(request: HttpRequest, port: number): Buffer {
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

/** Parses a response. Returns undefined if it is incomplete. */
function responseIn(bytes: Buffer, ended: boolean): HttpResponse | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const rest = bytes.subarray(headEnd + 4);
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (!ended && (length === undefined || rest.length < length)) return undefined;
  return { status: Number(first.split(' ')[1]), headers, bodyText: rest.subarray(0, length).toString() };
}

/** Sends a request over a new connection. */
export function exchange(request: HttpRequest, port: number): Promise<HttpResponse> {
  const data = bytesOf(request, port);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = Buffer.alloc(0);
    const check = (ended: boolean) => {
      const response = responseIn(received, ended);
      if (response) resolve(response);
      else if (ended)
        reject(new Error(`no response, but ${JSON.stringify(received.toString().slice(0, 80))}`));
      if (response || ended) socket.destroy();
    };
    socket.setTimeout(15_000, () => check(true));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      check(false);
    });
    socket.on('close', () => check(true)).on('error', reject);
    const sendRequest = async () => {
      socket.write(data.subarray(0, request.splitAt));
      if (request.splitAt === undefined) return;
      await sleep(request.pauseMs ?? 200);
      socket.write(data.subarray(request.splitAt));
    };
    socket.on('connect', () => void sendRequest());
  });
}

const comparedHeaders = [
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

/** Returns the part of a body that must be the same. */
function comparablePart(text: string, compare: Exchange['compare']): unknown {
  if (compare === undefined) return text;
  if (compare === 'ids') return text.replace(/(?<!\d)1[5-9]\d{11}(?!\d)/g, '#id');
  const body = parsed(text);
  if (!isObject(body) || typeof body['error'] !== 'string') return body;
  if (compare === 'errorAny') return { ...body, error: 'any' };
  return compare === 'errorFirstLine' ? { ...body, error: body['error'].split('\n')[0] } : body;
}

/** Returns the parts of a response that must be the same. */
export function comparable({ status, headers, bodyText }: HttpResponse, { compare }: Exchange): unknown {
  const shownHeaders = comparedHeaders.map((name) => [name, headers[name]]);
  return { status, headers: Object.fromEntries(shownHeaders), body: comparablePart(bodyText, compare) };
}
