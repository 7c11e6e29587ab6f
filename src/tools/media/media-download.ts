import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, request, type Dispatcher } from 'undici';
import { MediaRefused } from '../../contract/errors.ts';
import type { Network } from './media-policy.ts';

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
/** Within global unicast: for protocols and tunnels (which lead to IPv4 addresses), and for documents. */
const forbidden6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const listed = (subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/');
    list.addSubnet(net, Number(bits), family);
  }
  return list;
};
const private4 = listed(forbidden4, 'ipv4');
const private6 = listed(forbidden6, 'ipv6');
const global6 = listed(['2000::/3'], 'ipv6');

/** Whether an address is one of the public Internet: mapped, local and special ones are not. */
function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !private4.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !private6.check(address, 'ipv6');
}

export interface DownloadOptions extends Network {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

const mostRedirects = 3;
const silence = 10_000;
const whole = 30_000;

/** What a public web address gives. Each address is judged when it is connected to, after every redirect. */
export async function download(url: string, options: DownloadOptions): Promise<Buffer> {
  const mayReach = (address: string): boolean =>
    isPublic(address) ||
    (isIP(address) > 0 && options.allow?.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') === true);
  const { lookup = resolveName } = options;
  // What is connected to is what was judged: a name that changes its mind between the two gains nothing.
  const judged: LookupFunction = (host, how, callback) => {
    lookup(host, { ...how, all: true }, (error, found, family) => {
      const addresses = typeof found === 'string' ? [{ address: found, family: family ?? 4 }] : found;
      const [first] = addresses ?? [];
      if (error || !first) callback(error ?? new Error('it has no address'), '');
      else if (!addresses.every(({ address }) => mayReach(address))) callback(notPublic(host), '');
      else if (how.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const agent = new Agent({
    connect: { lookup: judged, timeout: silence },
    headersTimeout: silence,
    bodyTimeout: silence,
  });
  const late = AbortSignal.timeout(whole);
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
  try {
    return await follow(url, { agent, signal, mayReach, maxBytes: options.maxBytes });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof MediaRefused) throw error;
    const why = late.aborted ? `it took more than ${whole / 1000} s` : reason(error);
    throw new MediaRefused(`${url} cannot be downloaded: ${why}.`, { cause: error });
  } finally {
    await agent.destroy();
  }
}

interface Way {
  readonly agent: Agent;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly mayReach: (address: string) => boolean;
}

async function follow(start: string, way: Way): Promise<Buffer> {
  let url = start;
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const { statusCode, headers, body } = await request(checked(url, way), {
      dispatcher: way.agent,
      signal: way.signal,
      headers: { 'user-agent': 'ankiwright (media download for Anki)' },
    });
    const { location } = headers;
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      body.on('error', () => {}).destroy();
      url = new URL(location, url).href;
    } else if (statusCode === 200) return readBody(body, url, way.maxBytes);
    else throw new MediaRefused(`${url} answers with HTTP status ${statusCode}.`);
  }
  throw new MediaRefused(`${start} redirects more than ${mostRedirects} times.`);
}

function checked(given: string, { mayReach }: Way): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new MediaRefused(
      `${given} is refused: media come from http and https addresses without a user or password. For a local file use "path".`,
    );
  }
  // An address in place of a name is not looked up. The parser has brought all its spellings to one.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) > 0 && !mayReach(host)) throw notPublic(url.host);
  return url;
}

async function readBody(
  body: Dispatcher.ResponseData['body'],
  url: string,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) throw new MediaRefused(`${url} is larger than ${maxBytes} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

const notPublic = (host: string): MediaRefused =>
  new MediaRefused(
    `${host} is refused: it is not on the public Internet, and files of this computer or its network are not fetched by URL. For a local file use "path".`,
  );

/** Node leaves the message empty when it has tried more than one address of a host. */
const reason = (error: unknown): string =>
  error instanceof Error
    ? error.message || ('code' in error ? String(error.code) : error.name)
    : String(error);
