import { generateKeyPairSync } from 'node:crypto';
import { errors, Provider } from 'oidc-provider';
import { adapters } from './adapter.ts';
import { paths, type Addresses } from './addresses.ts';
import { documentFetch } from './client-metadata.ts';
import { errorPage, sendPage } from './consent-page.ts';
import { allScopes, clientAuthMethods } from './documents.ts';
import type { Store } from './store.ts';

/** Lifetimes in seconds. A refresh token's starts anew with each use. */
export const lifetimes = {
  code: 60,
  consent: 600,
  accessToken: 3600,
  refreshToken: 90 * 86_400,
  grant: 365 * 86_400,
  /** How long an exchanged refresh token stays valid. */
  grace: 120,
};

export interface ProviderOptions {
  readonly addresses: Addresses;
  readonly store: Store;
  readonly log: (message: string) => void;
  readonly lifetimes: typeof lifetimes;
  /** Fetches client metadata documents. */
  readonly fetch: typeof fetch;
}

/** Returns oidc-provider, set up for one owner and one resource, with opaque tokens. */
export function createProvider({ addresses, store, log, lifetimes: ttl, fetch }: ProviderOptions): Provider {
  const { issuer, resource } = addresses;
  const provider = new Provider(issuer, {
    adapter: adapters(store, ttl.grace),
    routes: {
      authorization: paths.authorize,
      token: paths.token,
      registration: paths.register,
      revocation: paths.revoke,
      jwks: paths.jwks,
    },
    scopes: allScopes,
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: [...clientAuthMethods],
    clientDefaults: {
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: 'ES256',
    },
    jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: 0,
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    clientBasedCORS: () => true,
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    // Only the grant that the owner has just allowed: a browser's session must not let a client in without a question.
    loadExistingGrant: async (ctx) => {
      const { grantId } = ctx.oidc.result?.consent ?? {};
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    interactions: { url: (_ctx, { uid }) => `${addresses.prefix}${paths.consent}/${uid}` },
    renderError: (ctx, { error, error_description: description = '' }) => {
      const { res } = ctx;
      ctx.respond = false;
      sendPage(res, ctx.status, errorPage(`${error}: ${description}`));
    },
    fetch: documentFetch(fetch),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      registration: { enabled: true, issueRegistrationAccessToken: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, indicator) => {
          if (indicator !== resource) throw new errors.InvalidTarget(`this server is ${resource}`);
          return { scope: allScopes.join(' '), audience: resource, accessTokenFormat: 'opaque' };
        },
      },
    },
    ttl: {
      AccessToken: ttl.accessToken,
      AuthorizationCode: ttl.code,
      Grant: ttl.grant,
      IdToken: ttl.accessToken,
      Interaction: ttl.consent,
      RefreshToken: ttl.refreshToken,
      Session: ttl.consent,
    },
  });
  provider.proxy = true; // host and protocol are those that `replayed` sets
  provider.on('server_error', (_ctx, error) => log(`OAuth: ${error.stack ?? error.message}`));
  return provider;
}
