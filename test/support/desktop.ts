import { AnkiConnect } from '../../src/backends/desktop/client.ts';
import type { Backend } from '../../src/contract/backend.ts';
import { startApi } from './api.ts';
import { fakeAnki, type Behaviour, type FakeAnki } from './fake-anki.ts';

/** Returns a desktop backend that reaches a backend over HTTP, and the requests that it sends. */
export async function desktop(target: Backend): Promise<{
  backend: AnkiConnect;
  requests: FakeAnki['requests'];
  close: () => Promise<void>;
}> {
  const api = await startApi(target);
  const relay: Behaviour = async (socket, request) => {
    const text = await api.ask((await request()).body);
    const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}`;
    socket.end(`${head}\r\n\r\n${text}`);
  };
  const anki = await fakeAnki(relay);
  const backend = new AnkiConnect({ url: anki.url });
  const close = async () => {
    await backend.close();
    await anki.close();
    await api.close();
  };
  return { backend, requests: anki.requests, close };
}
