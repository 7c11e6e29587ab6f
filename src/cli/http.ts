import type { Access } from '../oauth/access.ts';
import { listenHttp } from '../mcp/http/listen.ts';
import { tokenFrom } from '../mcp/http/token.ts';
import { createServer, type ServerOptions } from '../mcp/server.ts';
import { closeOnSignal } from './close-on-signal.ts';
import type { Config } from './config.ts';
import { log } from './log.ts';
import { chosenTools, loadInAdvance, serverOptions } from './mcp.ts';
import { oauthSettings, type OAuthSettings } from './oauth-settings.ts';
import type { Program } from './program.ts';

/** Serves MCP over HTTP until a signal ends the process. */
export async function mcpOverHttp(config: Config, program: Program): Promise<void> {
  const options = serverOptions(config, program);
  const isPublic = config['public-url'] !== undefined;
  const token =
    isPublic && config['token-file'] === undefined ? undefined : tokenFrom(config['token-file'], log);
  const oauth = oauthSettings(config, token?.secret);
  const publicUrls = oauth ? [new URL(oauth.publicUrl)] : [];
  const readOnly = readOnlyOptions(options, config, program);
  const listener = await listenHttp({
    host: config.bind ?? '127.0.0.1',
    port: config.port ?? 3141,
    token: token?.secret,
    access: oauth && (await startOAuth(oauth)),
    allowHosts: [...publicUrls.map(({ hostname }) => hostname), ...(config['allow-host'] ?? [])],
    allowOrigins: [
      ...publicUrls.flatMap(({ origin }) => [origin, ...hostedClients]),
      ...(config['cors-origin'] ?? []),
    ],
    log,
    sessionServer: ({ enqueue, readOnly: isReadOnly }) =>
      createServer({ ...(isReadOnly ? readOnly : options), enqueue }),
    isWriting: (tool) => isIn(options, tool) && !isIn(readOnly, tool),
  });
  closeOnSignal(options.backend, listener);
  const usage = [oauth && publicUsage(oauth), token?.usage].filter((text) => text !== undefined);
  log(`MCP for ${options.backend.place} at ${listener.url}; ${usage.join('; ')}`);
  void loadInAdvance(options.backend);
}

/** Origins of web clients that send requests from their pages. */
const hostedClients = ['https://claude.ai', 'https://claude.com', 'https://chatgpt.com'];

async function startOAuth(settings: OAuthSettings): Promise<Access> {
  const { OAuth } = await import('../oauth/oauth.ts');
  return OAuth.start({ ...settings, log });
}

const publicUsage = ({ publicUrl, grantsFile }: OAuthSettings): string =>
  `clients that log in with OAuth use ${publicUrl}/mcp (list them: ankiwright grants --grants-file ${grantsFile})`;

/** Returns the same options without the tools that can change something, as with --read-only. */
function readOnlyOptions(options: ServerOptions, config: Config, program: Program): ServerOptions {
  const tools = chosenTools({ ...config, 'read-only': true }, program);
  return {
    ...options,
    get tools() {
      return tools().offered;
    },
    get allowed() {
      return tools().allowed;
    },
    isRestricted: true,
  };
}

const isIn = ({ tools }: ServerOptions, wanted: string): boolean => tools.some(({ name }) => name === wanted);
