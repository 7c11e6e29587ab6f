import { paths, withoutPrefix, type Addresses } from './addresses.ts';

export const readScope = 'anki:read';
export const writeScope = 'anki:write';
export const allScopes = [readScope, writeScope];

const wellKnown =
  /^\/\.well-known\/(oauth-protected-resource|oauth-authorization-server|openid-configuration)(\/.*)?$/;

/**
 * Returns the metadata document at a path, or undefined. Clients look for both documents in several places, with the path of
 * the public URL or of the MCP endpoint before or after the well-known part.
 */
export function documentAt(path: string, addresses: Addresses): object | undefined {
  const [, name, behind = ''] = wellKnown.exec(withoutPrefix(path, addresses)) ?? [];
  if (name === undefined) return undefined;
  const { prefix } = addresses;
  const suffixes = ['', prefix, paths.mcp, prefix + paths.mcp];
  if (!suffixes.includes(behind.replace(/\/$/, ''))) return undefined;
  return name === 'oauth-protected-resource' ? resourceMetadata(addresses) : serverMetadata(addresses);
}

/** RFC 9728. */
const resourceMetadata = ({ resource, issuer }: Addresses) => ({
  resource,
  resource_name: 'Anki',
  authorization_servers: [issuer],
  scopes_supported: allScopes,
  bearer_methods_supported: ['header'],
});

/** RFC 8414, with the members that OpenID Connect Discovery requires, though no ID tokens are issued. */
const serverMetadata = ({ issuer }: Addresses) => ({
  issuer,
  authorization_endpoint: issuer + paths.authorize,
  token_endpoint: issuer + paths.token,
  registration_endpoint: issuer + paths.register,
  revocation_endpoint: issuer + paths.revoke,
  jwks_uri: issuer + paths.jwks,
  scopes_supported: allScopes,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: clientAuthMethods,
  revocation_endpoint_auth_methods_supported: clientAuthMethods,
  authorization_response_iss_parameter_supported: true,
  client_id_metadata_document_supported: true,
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
});

export const clientAuthMethods = ['none', 'client_secret_basic', 'client_secret_post'] as const;
