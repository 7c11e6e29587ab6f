import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { install } from '../../src/backends/engine/process/install.ts';
import { eventually } from './eventually.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const user = 'somebody';
export const password = 'correct horse';

const script = 'import sys; sys.path[:0] = [sys.argv[1]]; from anki import _rsbridge; _rsbridge.syncserver()';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has an address
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  return port;
}

/** Starts Anki's own sync server on an empty folder. */
export async function startSyncServer(): Promise<{
  url: string;
  folder: string;
  close: () => Promise<void>;
}> {
  const { python, folder: wheel } = await install({ log: () => {} });
  const folder = temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const child = spawn(python, ['-I', '-S', '-c', script, wheel], {
    env: {
      ...process.env,
      SYNC_USER1: `${user}:${password}`,
      SYNC_BASE: join(folder, 'server'),
      SYNC_HOST: '127.0.0.1',
      SYNC_PORT: String(port),
    },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  await eventually(() => fetch(`${url}health`));
  const close = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { url, folder, close };
}

/** Starts a server that accepts connections and never replies. `reached` resolves at the first bytes. */
export async function startSilentServer(): Promise<{
  url: string;
  reached: Promise<void>;
  close: () => void;
}> {
  const sockets = new Set<{ destroy: () => void }>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  const reached = new Promise<void>((resolve) => {
    server.on('connection', (socket) => socket.once('data', () => resolve()));
  });
  const port = await listening(server);
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/`, reached, close };
}
