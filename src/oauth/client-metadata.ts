import { z } from 'zod';
import { BodyTooLarge, collect } from '../lib/decoded-body.ts';

/** What a client may say about itself. Other members have no effect: a registered scope, for example, is no ceiling. */
const described = z.object({
  redirect_uris: z.array(z.string()),
  client_name: z.string().nullish(),
  token_endpoint_auth_method: z.string().nullish(),
});

type ClientMetadata = Readonly<{ redirect_uris: readonly string[]; application_type: 'native' }>;

/**
 * Returns the metadata of a client for oidc-provider, or undefined if they are not usable. `native` accepts https, http on
 * loopback with any port, and private schemes; `web` would accept http to any host.
 */
export function clientMetadata(json: unknown): ClientMetadata | undefined {
  const { data } = described.safeParse(json);
  if (data === undefined) return undefined;
  const members = Object.entries(data).filter(([, value]) => value !== null && value !== undefined);
  const { redirect_uris } = data;
  return { ...Object.fromEntries(members), redirect_uris, application_type: 'native' };
}

/** Maximum length of a redirect URI in a query, which has other parameters too. */
const maxUri = 2048;

/** Returns true if requests for authorization can contain each of these redirect URIs. */
export const areShort = (uris: readonly string[]): boolean =>
  uris.every((uri) => new URLSearchParams({ uri }).toString().length <= maxUri);

export const tooLongUri = `A redirect URI has at most ${maxUri} characters in a query, in which some characters count as three.`;

/** Maximum size of a client's metadata document, and of a registration. */
const maxDocumentBytes = 5 * 1024;
const maxFetches = 4;

/** Returns the fetch of client metadata documents. It passes on only the members that count. */
export function documentFetch(fetchUrl: typeof fetch): typeof fetch {
  let running = 0;
  return async (url, options) => {
    if (running >= maxFetches) throw new Error('too many client metadata documents are being fetched');
    running++;
    try {
      const response = await fetchUrl(url, options);
      if (response.status !== 200) return response;
      const json: unknown = JSON.parse(await bodyOf(response));
      const metadata = clientMetadata(json);
      if (metadata === undefined) throw new Error('the client metadata document has no redirect_uris');
      if (!areShort(metadata.redirect_uris)) throw new Error(tooLongUri);
      const { client_id } = z.looseObject({ client_id: z.string() }).parse(json);
      return Response.json({ ...metadata, client_id }, { headers: cacheControl(response) });
    } finally {
      running--;
    }
  };
}

const cacheControl = ({ headers }: Response): Record<string, string> => {
  const value = headers.get('cache-control');
  return value === null ? {} : { 'cache-control': value };
};

async function bodyOf(response: Response): Promise<string> {
  try {
    return (await collect(response.body ?? [], maxDocumentBytes)).toString();
  } catch (error) {
    throw error instanceof BodyTooLarge ? new Error('the client metadata document is too large') : error;
  }
}

const minuteMs = 60_000;
const maxPerMinute = 20;

/** Limits how many clients register: everybody may. */
export class RegistrationRate {
  #times: number[] = [];

  /** Counts a registration. Returns false if there were too many within a minute. */
  allows(): boolean {
    const now = performance.now();
    this.#times = this.#times.filter((time) => now - time < minuteMs);
    return this.#times.length < maxPerMinute && this.#times.push(now) > 0;
  }
}
