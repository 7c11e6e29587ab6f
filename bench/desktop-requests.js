// Number of requests to the desktop by a step. The add-on is played by `serve` on a collection of its own.
import { createServer, request } from 'node:http';
import { startServer } from './http-client.js';
import { notes, report } from './report.js';
import { RpcClient } from './rpc-client.js';

/** Passes requests on to a server, and counts them. @param {string} target */
async function startCounter(target) {
  let count = 0;
  const server = createServer((incoming, reply) => {
    count += 1;
    const headers = { 'Content-Length': incoming.headers['content-length'] ?? '0' };
    incoming.pipe(
      request(target, { method: 'POST', headers, agent: false }, (answer) => {
        reply.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(reply);
      }),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, count: () => count, close: () => server.close() };
}

/** @param {string} main The server. @param {string} collection Path of a new collection. */
export async function measureDesktopRequests(main, collection) {
  const anki = await startServer([main, 'serve', '--collection', collection, '--port', '0']);
  const counter = await startCounter(anki.url);
  const client = new RpcClient([main, '--url', counter.url, '--confirm', 'never', '--backup', 'never']);
  await client.initialize();
  await client.call('createDeck', { deck: 'Bench' });
  await client.call('addNotes', { notes: notes(20, 'studied') });
  /** @param {string} title @param {string} tool @param {object} args */
  const measure = async (title, tool, args = {}) => {
    const before = counter.count();
    await client.call(tool, args);
    report(`requests to the desktop: ${title}`, `${counter.count() - before}`);
  };
  await measure('`overview`', 'overview');
  await measure('`insights`', 'insights');
  await client.call('study', { action: 'start', deck: 'Bench' });
  await measure('`study` with `reveal`', 'study', { action: 'reveal' });
  await measure('`study` with `rate`', 'study', { action: 'rate', rating: 3 });
  await client.end();
  counter.close();
  await anki.end();
}
