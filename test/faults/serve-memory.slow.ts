import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, afterEach, expect, test } from 'vitest';
import { residentMb } from '../support/raw-server.ts';
import { newCollection, startServe } from '../support/served.ts';

const key = 'correct-horse-battery';
const megabyte = Buffer.alloc(1_000_000, ' ');

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens a connection and sends the head of a request. */
async function begin(port: number, headers: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(`POST / HTTP/1.1\r\n${headers}\r\n\r\n`);
  return socket;
}

/** Sends 60 MB of a body that never ends, as far as the server reads it. */
function pour(socket: Socket, isChunked: boolean): void {
  const part = isChunked
    ? Buffer.concat([Buffer.from(`${megabyte.length.toString(16)}\r\n`), megabyte, Buffer.from('\r\n')])
    : megabyte;
  let sent = 0;
  const more = () => {
    while (sent < 60 && !socket.destroyed) {
      sent++;
      if (!socket.write(part)) return;
    }
  };
  socket.on('drain', more);
  more();
}

/** Starts a server and returns its largest resident memory while it was watched. */
async function start() {
  const server = startServe('--collection', newCollection(), '--port', '0', '--api-key', key);
  const port = Number(new URL(await server.url).port);
  await server.ask({ action: 'version', key });
  const memory = { before: residentMb(server.child.pid ?? 0), most: 0 };
  const timer = setInterval(() => {
    memory.most = Math.max(memory.most, residentMb(server.child.pid ?? 0));
  }, 20);
  return { ...server, port, memory, stop: () => clearInterval(timer) };
}

describe('HTTP API', () => {
  test.each(['with a length', 'in chunks'])(
    '30 strangers send bodies and do not end them, and a client with the key can still store 40 MB: %s',
    async (kind) => {
      const { ask, port, memory, stop } = await start();
      const isChunked = kind === 'in chunks';
      for (let at = 0; at < 30; at++) {
        pour(
          await begin(port, isChunked ? 'Transfer-Encoding: chunked' : 'Content-Length: 60000001'),
          isChunked,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 3000));
      stop();
      expect(memory.most - memory.before, JSON.stringify(memory)).toBeLessThan(300);
      const data = Buffer.alloc(40_000_000, 1).toString('base64');
      const params = { filename: 'large.bin', data };
      expect(await ask({ key, action: 'storeMediaFile', params })).toBe('"large.bin"');
    },
  );

  test('60 clients do not read their replies of 40 MB: memory use is limited', async () => {
    const { ask, port, memory, stop } = await start();
    const data = Buffer.alloc(30_000_000, 1).toString('base64');
    expect(await ask({ key, action: 'storeMediaFile', params: { filename: 'large.bin', data } })).toBe(
      '"large.bin"',
    );
    const request = JSON.stringify({ action: 'retrieveMediaFile', key, params: { filename: 'large.bin' } });
    for (let at = 0; at < 60; at++) {
      const socket = await begin(port, `Content-Length: ${request.length}`);
      socket.pause();
      socket.write(request);
    }
    await new Promise((resolve) => setTimeout(resolve, 8000));
    stop();
    expect(memory.most - memory.before, JSON.stringify(memory)).toBeLessThan(900);
    for (const socket of sockets) socket.destroy();
    expect(await ask({ action: 'version', key })).toBe('6');
  });

  test('cardsInfo of 20,000 cards: memory use is limited', async () => {
    const { ask, memory, stop } = await start();
    for (let part = 0; part < 20; part++) {
      const notes = Array.from({ length: 1000 }, (_, index) => ({
        deckName: 'Default',
        modelName: 'Basic',
        fields: { Front: `${part} ${index}`, Back: 'b'.repeat(1000) },
      }));
      await ask({ action: 'addNotes', key, params: { notes } });
    }
    const cards: readonly number[] = JSON.parse(
      await ask({ action: 'findCards', key, params: { query: '' } }),
    );
    expect(cards).toHaveLength(20_000);
    memory.most = 0;
    const text = await ask({ action: 'cardsInfo', key, params: { cards } });
    stop();
    expect(JSON.parse(text)).toHaveLength(20_000);
    expect(memory.most, JSON.stringify(memory)).toBeLessThan(300);
  });
});
