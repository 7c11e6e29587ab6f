import type { ActionName, Params } from '../../contract/index.ts';
import type { Backend, CallOptions } from '../../contract/backend.ts';
import { NotAllowed } from '../../contract/errors.ts';
import type { Risk } from './rule.ts';
import type { Survey } from './survey.ts';
import type { Notice, Vault } from './vault.ts';
import { messageOf } from '../../lib/error.ts';

export interface SafeguardOptions {
  /** Whether the user is asked before something is lost: where the client can, or else nothing is done, or never. */
  readonly confirm: 'always' | 'auto' | 'never';
  /** Whether a backup is made before the first such call. */
  readonly backup: 'auto' | 'never';
  /** The way of a full sync that was allowed when the server was started. */
  readonly fullSync?: 'upload' | 'download' | undefined;
}

export interface Conversation extends CallOptions {
  /** Asks the user for a yes; there is none where the client cannot. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
  /** Takes what the result has to say besides. */
  readonly tell?: ((notice: Notice) => void) | undefined;
}

const mostDeeds = 10;

/** Stands before calls that destroy something, or change much at once. */
export class Safeguard {
  readonly #options: SafeguardOptions;
  readonly #vaults = new WeakMap<Backend, Vault>();
  #fullSync: SafeguardOptions['fullSync'];

  constructor(options: SafeguardOptions) {
    this.#options = options;
    this.#fullSync = options.fullSync;
  }

  /** Comes back when the call may go on; throws when it may not, and then nothing was changed. */
  async pass<N extends ActionName>(
    backend: Backend,
    name: N,
    params: Params<N>,
    conversation: Conversation,
  ): Promise<void> {
    const { ask, tell, ...options } = conversation;
    const { confirm, backup } = this.#options;
    const asks = ask !== undefined && confirm !== 'never';
    const keeps = backup !== 'never' && this.#vaults.get(backend)?.full !== true;
    if (!asks && !keeps && confirm !== 'always') return;

    // The rules need the contract, for which a client that connects does not wait.
    const { callsOf, risksOf } = await import('./index.ts');
    const survey: Survey = {
      capabilities: backend.capabilities,
      fullSync: this.#fullSync,
      call: (action, its) => backend.call(action, its, options),
    };
    const calls = callsOf(name, params);
    const risks = await risksOf(calls, survey);
    if (risks.length === 0) return;
    if (confirm === 'always' && !ask) {
      throw new NotAllowed(
        `Nothing was changed: ${questionOf(risks)} The server was started with --confirm always, and this client cannot ask the user. Another client may, or the user can do it in Anki.`,
      );
    }
    if (asks) {
      options.progress?.('waiting for the user to agree');
      if (!(await ask(questionOf(risks)))) throw new NotAllowed(refused);
    }
    const searches = risks.flatMap((risk) => risk.searches ?? []);
    if (keeps && risks.some((risk) => risk.searches)) {
      const notice = await (await this.#vaultOf(backend)).keep(searches, survey).catch((error: unknown) => {
        options.signal?.throwIfAborted();
        throw new NotAllowed(noBackup(error), { cause: error });
      });
      if (notice) tell?.(notice);
    }
    if (calls.some((call) => call.name === 'sync')) this.#fullSync = undefined; // it is allowed once
  }

  async #vaultOf(backend: Backend): Promise<Vault> {
    const { Vault } = await import('./vault.ts');
    const vault = this.#vaults.get(backend) ?? new Vault(backend);
    this.#vaults.set(backend, vault);
    return vault;
  }
}

const refused =
  'The user was asked and did not agree: nothing was changed. Ask what they want instead. Should they say that no question was shown, this client answers for them; then --confirm never leaves the decision to its own permissions.';

const noBackup = (error: unknown): string =>
  `No backup could be made, and so nothing was changed (${messageOf(error)}). Make room for it, or start the server with --backup never.`;

/** Everything in one question. */
function questionOf(risks: readonly Risk[]): string {
  const deeds = risks.map(({ deed }) => deed);
  if (deeds.length === 1) return `${deeds[0]}?`;
  const more = deeds.length > mostDeeds ? [`- and ${deeds.length - mostDeeds} more of this kind`] : [];
  return ['Do all of this?', ...deeds.slice(0, mostDeeds).map((deed) => `- ${deed}`), ...more].join('\n');
}
