import { createServer as createWebServer } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { answers, fakeAnki, type Behaviour, type FakeAnki } from './fake-anki.ts';

// Faults of a desktop Anki, and other programs on its port, in addition to those of fake-anki.ts.

/** Starts an Anki that works, and whose behaviour can be changed. */
export async function changeableAnki(): Promise<FakeAnki & { behaves: (behave?: Behaviour) => void }> {
  let now: Behaviour = answers(6);
  const anki = await fakeAnki((socket, request) => now(socket, request));
  onTestFinished(anki.close);
  return Object.assign(anki, { behaves: (behave: Behaviour = answers(6)) => void (now = behave) });
}

type Bytes = string | Buffer;

/** Reads the request, sends bytes, and closes or resets the connection. */
export const sends =
  (bytes: Bytes, how: 'closes' | 'resets' = 'closes'): Behaviour =>
  async (socket, request) => {
    await request();
    socket.write(bytes, () => (how === 'closes' ? socket.end() : socket.resetAndDestroy()));
  };

export const withLength = (body: Bytes, more = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
  ]);

export const withoutLength = (body: Bytes): Buffer =>
  Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), Buffer.from(body)]);

export const inChunks = (body: string): Buffer => {
  const chunks = (body.match(/.{1,9}/gs) ?? []).map(
    (chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`,
  );
  return Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`);
};

/** Sends its reply one byte at a time. */
export const sendsSlowly =
  (bytes: Buffer): Behaviour =>
  async (socket, request) => {
    await request();
    for (const byte of bytes) {
      if (socket.destroyed) return;
      socket.write(Buffer.of(byte));
      await after(20);
    }
    socket.end();
  };

/** Sends a head and then `megabytes` MB. */
export const sendsMegabytes =
  (megabytes: number, head: string): Behaviour =>
  async (socket, request) => {
    await request();
    const megabyte = Buffer.alloc(1024 * 1024, '1');
    socket.write(head);
    for (let sent = 0; sent < megabytes && !socket.destroyed; sent++) {
      await new Promise((written) => socket.write(megabyte, written));
    }
    socket.end('"}');
  };

/** Reads `bytes` bytes of the request, then closes or resets the connection. */
export const quitsWhileReading =
  (bytes: number, how: 'closes' | 'resets'): Behaviour =>
  (socket) => {
    let size = 0;
    socket.on('data', (chunk) => {
      size += chunk.length;
      if (size < bytes) return;
      socket.pause();
      if (how === 'closes') socket.destroy();
      else socket.resetAndDestroy();
    });
  };

/** A real web server without Anki-Connect. */
export const webServer = (status: number): Behaviour => {
  const server = createWebServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'Content-Type': 'text/html' }).end('<!DOCTYPE html><title>Hello</title>');
  });
  return (socket) => server.emit('connection', socket);
};

/** A real TLS server. */
export const tlsServer: Behaviour = (socket) => {
  new TLSSocket(socket, { isServer: true, secureContext: createSecureContext() }).on('error', () => {});
};

export const echoes: Behaviour = (socket) => socket.pipe(socket);
