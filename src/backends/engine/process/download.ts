import { Agent, interceptors, request } from 'undici';
import { AnkiRefused } from '../../../contract/errors.ts';
import { networkError } from '../../../lib/error.ts';

/** Milliseconds a server may be silent, and all of it may take: a live stream never ends. */
const silence = 10_000;
const whole = 60_000;

/** What a web address gives, redirects followed. */
export async function download(url: string): Promise<Buffer> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new AnkiRefused(
      `Invalid URL '${url}': give the full address, beginning with http:// or https://. For a local file use "path".`,
    );
  }
  const agent = new Agent({ connect: { timeout: silence }, headersTimeout: silence, bodyTimeout: silence });
  try {
    const { statusCode, body } = await request(url, {
      dispatcher: agent.compose(interceptors.redirect({ maxRedirections: 10 })),
      headers: { 'user-agent': 'ankiwright (media download for Anki)' },
      signal: AbortSignal.timeout(whole),
    });
    if (statusCode !== 200) throw new AnkiRefused(`${url} download failed with return code ${statusCode}`);
    return Buffer.from(await body.arrayBuffer());
  } catch (error) {
    throw error instanceof AnkiRefused
      ? error
      : new AnkiRefused(`${url} download failed: ${networkError(error)}`);
  } finally {
    await agent.destroy();
  }
}
