import { createServer as createWebServer } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { answers, fakeAnki, type Behaviour, type FakeAnki } from './fake-anki.ts';

// What can happen to a desktop Anki, or stand in its place, besides what fake-anki.ts has.

/** An Anki that is well, and can be made to fare otherwise. */
export async function changingAnki(): Promise<FakeAnki & { fares: (behave?: Behaviour) => void }> {
  let now: Behaviour = answers(6);
  const anki = await fakeAnki((socket, request) => now(socket, request));
  onTestFinished(anki.close);
  return Object.assign(anki, { fares: (behave: Behaviour = answers(6)) => void (now = behave) });
}

type Bytes = string | Buffer;

/** Reads the request, says something, and closes or breaks the connection. */
export const says =
  (said: Bytes, how: 'closes' | 'resets' = 'closes'): Behaviour =>
  async (socket, request) => {
    await request();
    socket.write(said, () => (how === 'closes' ? socket.end() : socket.resetAndDestroy()));
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

/** Says its answer a byte at a time. */
export const trickles =
  (said: Buffer): Behaviour =>
  async (socket, request) => {
    await request();
    for (const byte of said) {
      if (socket.destroyed) return;
      socket.write(Buffer.of(byte));
      await after(20);
    }
    socket.end();
  };

/** Says so many megabytes, with their length or without. */
export const pours =
  (megabytes: number, head: string): Behaviour =>
  async (socket, request) => {
    await request();
    const megabyte = Buffer.alloc(1024 * 1024, '1');
    socket.write(head);
    for (let said = 0; said < megabytes && !socket.destroyed; said++) {
      await new Promise((written) => socket.write(megabyte, written));
    }
    socket.end('"}');
  };

/** Reads so many bytes and no more, then is gone. */
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

/** A real web server that knows nothing of Anki. */
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
