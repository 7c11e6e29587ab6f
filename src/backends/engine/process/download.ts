import { Agent, interceptors, request } from 'undici';
import { acceptedEncodings, BodyTooLarge, readDecoded } from '../../../lib/decoded-body.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { networkError } from '../../../lib/error.ts';

/** Milliseconds without data, and in total, after which a download fails: a live stream never ends. */
const idleTimeoutMs = 10_000;
const totalTimeoutMs = 60_000;
/** Maximum size of a file, also after decoding. */
const maxBytes = 256 * 1024 * 1024;

/** Throws Anki-Connect's error for what is no URL of a web server. */
function checkUrl(url: string): void {
  if (/^https?:/i.test(url)) {
    if (!URL.canParse(url)) throw new AnkiRefused(`Invalid URL '${url}': No host supplied`);
    return;
  }
  if (url.includes(':')) throw new AnkiRefused(`No connection adapters were found for '${url}'`);
  throw new AnkiRefused(`Invalid URL '${url}': No scheme supplied. Perhaps you meant https://${url}?`);
}

/** Downloads a file and follows redirects. Throws Anki-Connect's error messages. */
export async function download(url: string): Promise<Buffer> {
  checkUrl(url);
  const agent = new Agent({
    connect: { timeout: idleTimeoutMs },
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
  });
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent.compose(interceptors.redirect({ maxRedirections: 10 })),
      headers: {
        'user-agent': 'ankiwright (media download for Anki)',
        'accept-encoding': acceptedEncodings,
      },
      signal: AbortSignal.timeout(totalTimeoutMs),
    });
    if (statusCode !== 200) throw new AnkiRefused(`${url} download failed with return code ${statusCode}`);
    return await readDecoded(body, headers['content-encoding'], maxBytes);
  } catch (error) {
    if (error instanceof BodyTooLarge)
      throw new AnkiRefused(`${url} download failed: the file is larger than ${maxBytes} bytes`);
    throw error instanceof AnkiRefused
      ? error
      : new AnkiRefused(`${url} download failed: ${networkError(error)}`);
  } finally {
    await agent.destroy();
  }
}
