import { createServer, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';

/** A request as it was received. */
export interface ReceivedRequest {
  readonly head: string;
  readonly body: string;
}

/** Handles one connection. `request` reads the request completely, as the add-on does. */
export type Behaviour = (socket: Socket, request: () => Promise<ReceivedRequest>) => unknown;

export interface FakeAnki {
  readonly url: string;
  /** All requests that were read completely, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  readonly connections: number;
  /** The largest number of connections that were handled at the same time. */
  readonly maxConcurrent: number;
  /** Number of bytes sent in replies. */
  readonly bytesSent: number;
  readonly close: () => Promise<void>;
}

const read = (socket: Socket): Promise<ReceivedRequest> =>
  new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      const head = bytes.toString('utf8', 0, Math.max(end, 0));
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
      if (end >= 0 && bytes.length >= end + 4 + length)
        resolve({ head, body: bytes.toString('utf8', end + 4) });
    });
    socket.on('close', () => reject(new Error('closed before the request was complete')));
  });

/** Listens on a free port. Each connection gets the next behaviour; after the last one, the last one again. */
export const fakeAnki = async (...behaviours: [Behaviour, ...Behaviour[]]): Promise<FakeAnki> => {
  const requests: ReceivedRequest[] = [];
  const sockets: Socket[] = [];
  let connections = 0;
  let served = 0;
  let maxConcurrent = 0;
  const server = createServer((socket) => {
    const behave = behaviours[Math.min(connections++, behaviours.length - 1)] ?? behaviours[0];
    sockets.push(socket);
    maxConcurrent = Math.max(maxConcurrent, ++served);
    socket.on('error', () => {});
    const request = async (): Promise<ReceivedRequest> => {
      const asked = await read(socket);
      requests.push(asked);
      return asked;
    };
    const serve = async (): Promise<unknown> => behave(socket, request);
    void serve()
      .catch(() => socket.destroy())
      .finally(() => served--);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    get maxConcurrent() {
      return maxConcurrent;
    },
    get bytesSent() {
      return sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Replies with a text that depends on the request, and closes the connection without `Connection: close`, as the add-on does. */
export const answersWith =
  (print: (body: string) => string, status = '200 OK'): Behaviour =>
  async (socket, request) => {
    const text = print((await request()).body);
    const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}`;
    socket.end(`${head}\r\n\r\n${text}`);
  };

export const answersText = (text: string, status?: string): Behaviour => answersWith(() => text, status);

export const answers = (result: unknown, error: string | null = null): Behaviour =>
  answersText(JSON.stringify({ result, error }));

/** Reads the request and never replies, as while a dialog is open in Anki. */
export const hangs: Behaviour = (_socket, request) => request();

/** Waits, then does what `behave` does. */
export const late =
  (milliseconds: number, behave: Behaviour): Behaviour =>
  async (socket, request) => {
    await after(milliseconds);
    return behave(socket, request);
  };

/** Resets the connection without reading the request. */
export const resets: Behaviour = (socket) => socket.resetAndDestroy();

export const resetsAfterReading: Behaviour = async (socket, request) => {
  await request();
  socket.resetAndDestroy();
};

export const closesAfterReading: Behaviour = async (socket, request) => {
  await request();
  socket.end();
};

/** Declares the length of a complete reply, and closes after a part of it. */
export const answersHalf =
  (header = ''): Behaviour =>
  async (socket, request) => {
    await request();
    socket.end(`HTTP/1.1 200 OK\r\n${header}Content-Length: 40\r\n\r\n{"result": [1, 2`);
  };

/** Sends a reply that never ends. */
export const answersEndlessly: Behaviour = async (socket, request) => {
  await request();
  const piece = Buffer.alloc(1024 * 1024, '1');
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"result": "');
  const send = (): void => {
    while (!socket.destroyed && socket.write(piece));
    socket.once('drain', send);
  };
  send();
};

/** Returns the URL of a local port on which no program listens. */
export const deadUrl = async (): Promise<string> => {
  const server = await fakeAnki(hangs);
  await server.close();
  return server.url;
};
