import type { JSONRPCRequest, Result } from '@modelcontextprotocol/sdk/types.js';
import { panelExtension } from '../contract/panels/index.ts';
import { errorCode, isMembers, RpcError } from './json-rpc/message.ts';
import { showsPanels } from './panels.ts';

/** Versions of MCP that this server speaks, the latest first. */
export const protocolVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'];

const capabilities = {
  tools: {},
  resources: {},
  prompts: {},
  completions: {},
  extensions: { 'io.modelcontextprotocol/skills': {}, [panelExtension]: {} },
};

interface Offer {
  readonly version: string;
  readonly instructions: string;
}

/** The start of a session: both sides say what they can do. */
export class Handshake {
  readonly #offer: Offer;
  #canAsk = false;
  #hasPanels = false;

  constructor(offer: Offer) {
    this.#offer = offer;
  }

  /** True if the client can ask its user by a form. */
  get canAsk(): boolean {
    return this.#canAsk;
  }

  /** True if the client shows panels. */
  get hasPanels(): boolean {
    return this.#hasPanels;
  }

  /** Answers `initialize`, with the client's version of MCP if that is known. */
  initialize({ params = {} }: JSONRPCRequest): Result {
    const { protocolVersion, capabilities: client, clientInfo } = params;
    if (typeof protocolVersion !== 'string' || !isMembers(client) || !isMembers(clientInfo)) {
      throw new RpcError(
        errorCode.invalidParams,
        'initialize needs protocolVersion (string), capabilities (object) and clientInfo (object).',
      );
    }
    this.#canAsk = hasForms(client['elicitation']);
    this.#hasPanels = showsPanels(client['extensions']);
    const { version, instructions } = this.#offer;
    return {
      protocolVersion: protocolVersions.includes(protocolVersion) ? protocolVersion : protocolVersions[0],
      capabilities,
      serverInfo: { name: 'ankiwright', title: 'Anki', version },
      instructions,
    };
  }
}

/** Clients of before November 2025 say {} if they have forms. */
const hasForms = (elicitation: unknown): boolean =>
  isMembers(elicitation) && (Object.keys(elicitation).length === 0 || 'form' in elicitation);
