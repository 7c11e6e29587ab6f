/** All addresses, derived from the public URL: nothing that a request or a proxy says gets into one. */
export interface Addresses {
  /** The public URL without a trailing slash. */
  readonly issuer: string;
  readonly origin: string;
  /** Path of the public URL: "" or "/anki". */
  readonly prefix: string;
  /** The MCP endpoint, which is the audience of all tokens. */
  readonly resource: string;
  /** Metadata of the MCP endpoint (RFC 9728). */
  readonly resourceMetadata: string;
}

/** Paths below the public URL. */
export const paths = {
  mcp: '/mcp',
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  register: '/oauth/register',
  revoke: '/oauth/revoke',
  jwks: '/oauth/jwks',
  consent: '/oauth/consent',
} as const;

export function addressesOf(publicUrl: string): Addresses {
  const { origin, pathname } = new URL(publicUrl);
  const prefix = pathname.replace(/\/+$/, '');
  const issuer = origin + prefix;
  return {
    issuer,
    origin,
    prefix,
    resource: issuer + paths.mcp,
    resourceMetadata: `${origin}/.well-known/oauth-protected-resource${prefix}${paths.mcp}`,
  };
}

/** Returns the path of a request without the prefix of the public URL, which proxies keep or remove. */
export const withoutPrefix = (path: string, { prefix }: Addresses): string =>
  prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;

/** Returns a resource as tokens name it: some clients send the origin only, or a trailing slash. */
export function canonicalResource(resource: string, { issuer, origin, resource: ours }: Addresses): string {
  const url = URL.canParse(resource) ? new URL(resource).href.replace(/\/$/, '') : resource;
  return [ours, issuer, origin].includes(url) ? ours : resource;
}
