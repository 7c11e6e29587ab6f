import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, request, type Dispatcher } from 'undici';
import { MediaRefused } from '../../contract/errors.ts';
import { acceptedEncodings, BodyTooLarge, readDecoded } from '../../lib/decoded-body.ts';
import { networkError } from '../../lib/error.ts';
import type { Network } from './media-policy.ts';

/** IPv4 ranges that are not public. */
const forbidden4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Global unicast ranges for protocols, tunnels (which lead to IPv4 addresses) and documentation. */
const forbidden6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const blockList = (subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/');
    list.addSubnet(net, Number(bits), family);
  }
  return list;
};
const forbiddenList4 = blockList(forbidden4, 'ipv4');
const forbiddenList6 = blockList(forbidden6, 'ipv6');
const global6 = blockList(['2000::/3'], 'ipv6');

/** Returns true for addresses of the public Internet: not for mapped, local and special ones. */
function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !forbiddenList4.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !forbiddenList6.check(address, 'ipv6');
}

export interface DownloadOptions extends Network {
  /** Maximum size of the file in bytes. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

const maxRedirects = 3;
const idleTimeoutMs = 10_000;
const totalTimeoutMs = 30_000;

/** Downloads a file from a public web address. Checks each address when it connects, after every redirect. Throws MediaRefused. */
export async function download(url: string, options: DownloadOptions): Promise<Buffer> {
  const mayReach = (address: string): boolean =>
    isPublic(address) ||
    (isIP(address) > 0 && options.allow?.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') === true);
  const { lookup = resolveName } = options;
  // undici connects to exactly the checked addresses, so a DNS answer that changes afterwards has no effect.
  const checkedLookup: LookupFunction = (host, lookupOptions, callback) => {
    lookup(host, { ...lookupOptions, all: true }, (error, found, family) => {
      const addresses = typeof found === 'string' ? [{ address: found, family: family ?? 4 }] : found;
      const [first] = addresses ?? [];
      if (error || !first) callback(error ?? new Error('the host has no address'), '');
      else if (!addresses.every(({ address }) => mayReach(address))) callback(notPublic(host), '');
      else if (lookupOptions.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const agent = new Agent({
    connect: { lookup: checkedLookup, timeout: idleTimeoutMs },
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
  });
  const timeout = AbortSignal.timeout(totalTimeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    return await follow(url, { agent, signal, mayReach, maxBytes: options.maxBytes });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof MediaRefused) throw error;
    const reason = timeout.aborted ? `it took more than ${totalTimeoutMs / 1000} s` : networkError(error);
    throw new MediaRefused(`${url} cannot be downloaded: ${reason}.`, { cause: error });
  } finally {
    await agent.destroy();
  }
}

interface Transfer {
  readonly agent: Agent;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly mayReach: (address: string) => boolean;
}

async function follow(start: string, transfer: Transfer): Promise<Buffer> {
  let url = start;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const { statusCode, headers, body } = await request(checkedUrl(url, transfer), {
      dispatcher: transfer.agent,
      signal: transfer.signal,
      headers: {
        'user-agent': 'ankiwright (media download for Anki)',
        'accept-encoding': acceptedEncodings,
      },
    });
    const { location } = headers;
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      body.on('error', () => {}).destroy();
      url = new URL(location, url).href;
    } else if (statusCode === 200) return readBody({ headers, body }, url, transfer.maxBytes);
    else throw new MediaRefused(`${url} responded with HTTP status ${statusCode}.`);
  }
  throw new MediaRefused(`${start} redirects more than ${maxRedirects} times.`);
}

function checkedUrl(text: string, { mayReach }: Transfer): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new MediaRefused(
      `${text} is not allowed: media URLs must be http or https, without user and password. For a local file use "path".`,
    );
  }
  // An IP address is not looked up. The URL parser has normalized its spelling.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) > 0 && !mayReach(host)) throw notPublic(url.host);
  return url;
}

async function readBody(
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
  url: string,
  maxBytes: number,
): Promise<Buffer> {
  try {
    return await readDecoded(body, headers['content-encoding'], maxBytes);
  } catch (error) {
    if (error instanceof BodyTooLarge) throw new MediaRefused(`${url} is larger than ${maxBytes} bytes.`);
    throw error;
  }
}

const notPublic = (host: string): MediaRefused =>
  new MediaRefused(
    `${host} is not allowed: it is not on the public Internet. Files of this computer or its network are not downloaded by URL. For a local file use "path".`,
  );
