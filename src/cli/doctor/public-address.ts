import { addressesOf, type Addresses } from '../../oauth/addresses.ts';
import { BodyTooLarge, collect } from '../../lib/decoded-body.ts';
import { networkError } from '../../lib/error.ts';
import { isObject, jsonIn } from '../../lib/json.ts';
import { failure, ok, type Check, type Finding } from './check.ts';

const timeoutMs = 5000;
/** Maximum size of a document in bytes. */
const maxBytes = 20_000;
const proxy = 'Correct the proxy (docs/remote.md lists what it must pass on) or --public-url.';

/** Fetches what a client fetches before and after its login, through the proxy. */
export const publicAddress: Check = {
  name: 'public address',
  examine: async ({ target: { publicUrl } }) => {
    if (publicUrl === undefined) return [];
    const addresses = addressesOf(publicUrl);
    try {
      return await examineAddress(addresses);
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      return failure(`${addresses.issuer} cannot be reached: ${networkError(cause)}.`, proxy);
    }
  },
};

async function examineAddress(addresses: Addresses): Promise<readonly Finding[]> {
  const { issuer, origin, prefix, resource, resourceMetadata } = addresses;
  const documents = [
    { url: resourceMetadata, member: 'resource', expected: resource },
    { url: `${origin}/.well-known/oauth-authorization-server${prefix}`, member: 'issuer', expected: issuer },
  ];
  const found = await Promise.all([
    ...documents.map(examineDocument),
    examineEndpoint(addresses, undefined),
    examineEndpoint(addresses, 'ankiwright-doctor'),
  ]);
  const failures = found.flat();
  return failures.length > 0
    ? failures
    : [ok(`Clients reach ${resource} and find how to log in. Enter this address in the client.`)];
}

interface MetadataDocument {
  readonly url: string;
  readonly member: string;
  readonly expected: string;
}

async function examineDocument({ url, member, expected }: MetadataDocument): Promise<readonly Finding[]> {
  const response = await request(url);
  const json = jsonIn(await textOf(response));
  const value = isObject(json) ? json[member] : undefined;
  if (response.status !== 200 || value === undefined)
    return [failure(`${url} returns ${response.status} and not ankiwright's document.`, proxy)];
  if (value === expected) return [];
  return [
    failure(
      `The server at ${url} says that its ${member} is ${JSON.stringify(value)}, but --public-url means "${expected}".`,
      'Start the server with the --public-url that clients use.',
    ),
  ];
}

/** Returns the text of a response, or '' if it is too large for one of the documents. */
async function textOf({ body }: Response): Promise<string> {
  try {
    return (await collect(body ?? [], maxBytes)).toString();
  } catch (error) {
    if (error instanceof BodyTooLarge) return '';
    throw error;
  }
}

/** Sends a request without a token, or with a wrong one. */
async function examineEndpoint(
  { resource, resourceMetadata }: Addresses,
  token: string | undefined,
): Promise<readonly Finding[]> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const { status, headers: received } = await request(resource, { method: 'POST', headers });
  const challenge = received.get('www-authenticate') ?? '';
  if (status >= 300 && status < 400)
    return [failure(`${resource} redirects to ${received.get('location') ?? 'another address'}.`, proxy)];
  if (status !== 401 || !challenge.includes(`resource_metadata="${resourceMetadata}"`)) {
    return [
      failure(
        `${resource} returns ${status}${token === undefined ? '' : ' to a wrong token'} and not ankiwright's 401 with the header WWW-Authenticate.`,
        proxy,
      ),
    ];
  }
  if (token === undefined || challenge.includes('error="invalid_token"')) return [];
  return [failure(`Something removes the header Authorization before it reaches ${resource}.`, proxy)];
}

const request = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
