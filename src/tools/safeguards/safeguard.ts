import type { ActionName, Params } from '../../contract/index.ts';
import type { Backend, CallOptions } from '../../contract/backend.ts';
import { NotAllowed } from '../../contract/errors.ts';
import type { Risk } from './rule.ts';
import type { Scan } from './scan.ts';
import type { Notice, Backups, Restoring } from './backups.ts';
import { messageOf } from '../../lib/error.ts';

export interface SafeguardOptions {
  /** auto: asks if the client supports it. always: refuses if it does not. never: does not ask. */
  readonly confirm: 'always' | 'auto' | 'never';
  /** auto: makes a backup before something is lost that no backup of this run contains. */
  readonly backup: 'auto' | 'never';
}

export interface Conversation extends CallOptions {
  /** Asks the user for confirmation; undefined if the client cannot ask. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
  /** Adds a line to the result. */
  readonly notify?: ((notice: Notice) => void) | undefined;
}

/** What is about to lose something. */
export interface Operation {
  /** Names of the actions, or of the workflow. */
  readonly actions: readonly string[];
  readonly risks: readonly Risk[];
  /** For restoring a backup. */
  readonly restore?: Restoring | undefined;
}

/** Maximum number of consequences in one question. */
const maxListed = 10;

/** Asks for confirmation and makes a backup before calls that delete something or change a lot at once. */
export class Safeguard {
  readonly #options: SafeguardOptions;
  readonly #backups = new WeakMap<Backend, Backups>();

  constructor(options: SafeguardOptions) {
    this.#options = options;
  }

  /** Returns true if the user can be asked. */
  canAsk({ ask }: Pick<Conversation, 'ask'>): boolean {
    return ask !== undefined && this.#options.confirm !== 'never';
  }

  /**
   * Resolves if the call may run. Throws NotAllowed if it may not; nothing was changed then. `others` become part of the
   * question.
   */
  async check<N extends ActionName>(
    backend: Backend,
    name: N,
    params: Params<N>,
    conversation: Conversation,
    others: readonly Risk[] = [],
  ): Promise<void> {
    const { confirm, backup } = this.#options;
    if (backup === 'never' && confirm !== 'always' && !this.canAsk(conversation)) return;
    // The rules need the contract, which is not loaded at start.
    const { callsOf, risksOf } = await import('./index.ts');
    const scan = this.#scanOf(backend, conversation);
    const calls = callsOf(name, params);
    const risks = [...others, ...(await risksOf(calls, scan))];
    if (risks.length === 0) return;
    await this.approve(backend, { actions: calls.map((call) => call.name), risks }, conversation);
  }

  /** Asks the user and makes a backup. Resolves if the operation may run. Throws NotAllowed if it may not; nothing was changed then. */
  async approve(
    backend: Backend,
    { actions, risks, restore }: Operation,
    conversation: Conversation,
  ): Promise<void> {
    const { ask, notify, progress, signal } = conversation;
    const { confirm, backup } = this.#options;
    if (confirm === 'always' && !ask) {
      throw new NotAllowed(
        `Nothing was changed: this needs the user's confirmation (--confirm always), and this client cannot ask the user. The question is: ${questionOf(risks)} Use a client that supports MCP elicitation, or let the user make this change in Anki.`,
      );
    }
    if (ask !== undefined && this.canAsk(conversation)) {
      progress?.('waiting for confirmation by the user');
      if (!(await ask(questionOf(risks)))) throw new NotAllowed(declined);
    }
    const searches = risks.flatMap((risk) => risk.searches ?? []);
    if (backup === 'never' || !risks.some((risk) => risk.searches)) return;
    const reason = risks.map(({ consequence }) => consequence).join('; ');
    const scan = this.#scanOf(backend, conversation);
    const backups = await this.#backupsOf(backend);
    const notice = await backups
      .ensure({ actions, reason, searches, restore }, scan)
      .catch((error: unknown) => {
        signal?.throwIfAborted();
        throw new NotAllowed(noBackup(error), { cause: error });
      });
    if (notice) notify?.(notice);
  }

  #scanOf(backend: Backend, options: CallOptions): Scan {
    return {
      capabilities: backend.capabilities,
      fullSync: backend.fullSync,
      makesBackups: this.#options.backup !== 'never',
      call: (action, input) => backend.call(action, input, options),
    };
  }

  async #backupsOf(backend: Backend): Promise<Backups> {
    const { Backups } = await import('./backups.ts');
    const backups = this.#backups.get(backend) ?? new Backups(backend);
    this.#backups.set(backend, backups);
    return backups;
  }
}

const declined =
  'The user declined: nothing was changed. Ask the user what to do instead. If the user saw no question, this client declined automatically; start the server with --confirm never to leave the decision to the client.';

const noBackup = (error: unknown): string =>
  `Nothing was changed, because no backup could be made (${messageOf(error)}). Solve this problem, or start the server with --backup never.`;

/** Returns one question for all risks. */
function questionOf(risks: readonly Risk[]): string {
  const consequences = risks.map(({ consequence }) => consequence);
  if (consequences.length === 1) return `${consequences[0]}?`;
  const more = consequences.length > maxListed ? [`- and ${consequences.length - maxListed} more`] : [];
  return [
    'Do all of the following?',
    ...consequences.slice(0, maxListed).map((consequence) => `- ${consequence}`),
    ...more,
  ].join('\n');
}
