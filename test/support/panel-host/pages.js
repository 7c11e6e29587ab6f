import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { rolldown } from 'rolldown';

/** The policy that a host sets if a panel asks for nothing else. */
const strictPolicy =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; object-src 'none'; connect-src 'none'";

/**
 * Starts a web server with one page on a free port and returns the port.
 * @param {string} html @param {Readonly<Record<string, string>>} [headers]
 */
async function serve(html, headers = {}) {
  const server = createServer((request, response) => {
    const isFound = new URL(request.url ?? '/', 'http://localhost').pathname === '/';
    response.writeHead(isFound ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8', ...headers });
    response.end(isFound ? html : undefined);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { port, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function hostScript() {
  const input = new URL('page.ts', import.meta.url).pathname;
  const bundle = await rolldown({ input, platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'iife', minify: true });
  await bundle.close();
  return output[0].code.replaceAll('</script', String.raw`<\/script`);
}

/**
 * @typedef {object} HostPages
 * @property {string} host URL of the page with the host's side of the connection.
 * @property {string} sandbox URL of the page that contains a panel, of another origin.
 * @property {() => Promise<void>} close
 */

/** Serves the two pages of a host. @returns {Promise<HostPages>} */
export async function serveHostPages() {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Host</title><body style="margin:0;background:light-dark(#fff,#181818)"><script>${await hostScript()}</script>`;
  const host = await serve(html);
  const sandboxHtml = readFileSync(new URL('sandbox.html', import.meta.url), 'utf8');
  const sandbox = await serve(sandboxHtml, { 'Content-Security-Policy': strictPolicy });
  return {
    host: `http://localhost:${host.port}/`,
    sandbox: `http://127.0.0.1:${sandbox.port}/`,
    async close() {
      await host.close();
      await sandbox.close();
    },
  };
}
