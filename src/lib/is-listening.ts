import { connect } from 'node:net';

/** Milliseconds after which a port that does not answer counts as closed. */
const timeoutMs = 200;

/** Returns true if a program accepts connections at the URL's host and port. */
export const isListening = ({ hostname, port, protocol }: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    const end = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket
      .setTimeout(timeoutMs, () => end(false))
      .on('connect', () => end(true))
      .on('error', () => end(false));
  });
