import type { ActionName, Params } from '../../contract/index.ts';
import type { Backend, CallOptions } from '../../contract/backend.ts';
import { NotAllowed } from '../../contract/errors.ts';
import { messageOf } from '../../lib/error.ts';
import type { Notice, Backups, Restoring } from './backups.ts';
import type { Risk } from './rule.ts';
import type { Scan } from './scan.ts';
import type { Tally } from './tally.ts';

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
  /** Identifies the MCP session, whose small changes are added up, and aborts when it ends. */
  readonly session?: AbortSignal | undefined;
}

/** What is about to lose something. */
export interface Operation {
  /** Names of the actions, or of the workflow. */
  readonly actions: readonly string[];
  /** Returns what would be lost, as the collection is now. */
  readonly assess: (scan: Scan) => Promise<readonly Risk[]>;
  /** For restoring a backup. */
  readonly restore?: Restoring | undefined;
}

/** Resolves if the call may run now. Throws NotAllowed if it may not; the call was not sent then. `others` become part of the question. */
export type Check = <N extends ActionName>(
  name: N,
  params: Params<N>,
  others?: readonly Risk[],
) => Promise<void>;

interface CheckOptions {
  readonly conversation: Conversation;
  /** What the user agreed to before. */
  readonly agreed: ReadonlySet<string>;
  /** Risks of the call that no rule knows. */
  readonly others: readonly Risk[];
}

/** Maximum number of questions about one call whose effect changes while the user reads. */
const maxQuestions = 3;

/** Asks for confirmation and makes a backup before calls that delete something or change a lot at once. */
export class Safeguard {
  readonly #options: SafeguardOptions;
  readonly #backups = new WeakMap<Backend, Backups>();
  readonly #tallies = new WeakMap<object, Tally>();

  constructor(options: SafeguardOptions) {
    this.#options = options;
  }

  /** Returns the check for the calls of one tool call. What the user agreed to is not asked again. */
  checkFor(backend: Backend, conversation: Conversation): Check {
    let agreed: ReadonlySet<string> = new Set();
    return async (name, params, others = []) => {
      agreed = await this.#check(backend, name, params, { conversation, agreed, others });
    };
  }

  async #check<N extends ActionName>(
    backend: Backend,
    name: N,
    params: Params<N>,
    { conversation, agreed, others }: CheckOptions,
  ): Promise<ReadonlySet<string>> {
    const { confirm, backup } = this.#options;
    const isUnasked = confirm === 'auto' && !this.canAsk(conversation) && backend.hasAccount !== true;
    if (backup === 'never' && (confirm === 'never' || isUnasked)) return agreed;
    // The rules need the contract, which is not loaded at start.
    const { callsOf, hasRule, risksOf } = await import('./index.ts');
    const calls = callsOf(name, params);
    if (others.length === 0 && !hasRule(calls)) return agreed;
    const actions = calls.map((call) => call.name);
    const assess = async (scan: Scan) => [...others, ...(await risksOf(calls, scan))];
    return this.approve(backend, { actions, assess }, conversation, agreed);
  }

  /**
   * Asks the user and makes a backup, if an operation loses more than is allowed without a question. Resolves to all that
   * the user agreed to if the operation may run now. Throws NotAllowed if it may not; nothing was changed then.
   */
  async approve(
    backend: Backend,
    operation: Operation,
    conversation: Conversation,
    agreedBefore: ReadonlySet<string> = new Set(),
  ): Promise<ReadonlySet<string>> {
    const { ask, notify, progress, session = this } = conversation;
    const { confirm } = this.#options;
    const { questionOf, stateOf } = await import('./index.ts');
    const scan = this.#scanOf(backend, conversation);
    const tally = await this.#tallyOf(session);
    let agreed = agreedBefore;
    let assessed: readonly Risk[];
    let risks: readonly Risk[];
    // Counts again after each wait for the user or a backup, so that the write follows a count that the user knows.
    for (let questions = 0; ; questions++) {
      assessed = await operation.assess(scan);
      risks = tally.exceeding(assessed);
      if (forcesFullSync(risks)) {
        const isDue = await this.#syncBefore(operation, backend, conversation);
        assessed = await operation.assess(scan);
        risks = tally.exceeding(assessed).filter(({ kind }) => !isDue || kind !== 'fullSync');
      }
      if (risks.length === 0) {
        tally.add(assessed);
        return agreed;
      }
      if (ask === undefined || !this.canAsk(conversation)) {
        if (confirm !== 'never' && (confirm === 'always' || forcesFullSync(risks)))
          throw new NotAllowed(cannotAsk(await questionOf(risks, tally), confirm));
        await this.#backUp(backend, operation, risks, conversation);
        break;
      }
      const state = await stateOf(risks, scan);
      if ([...state].every((entry) => agreed.has(entry))) break;
      if (questions === maxQuestions) throw new NotAllowed(changing);
      progress?.('waiting for confirmation by the user');
      if (!(await ask(await questionOf(risks, tally)))) throw new NotAllowed(declined);
      agreed = new Set([...agreed, ...state]);
      await this.#backUp(backend, operation, risks, conversation);
    }
    tally.reset(risks);
    const asked = new Set(risks);
    tally.add(assessed.filter((risk) => !asked.has(risk)));
    if (forcesFullSync(risks)) notify?.({ text: fullSyncAdvice });
    return agreed;
  }

  /** Merges the changes of other devices before a change that forces a full sync. Returns true if one is due already. */
  async #syncBefore({ actions }: Operation, backend: Backend, conversation: Conversation): Promise<boolean> {
    conversation.progress?.(`syncing before ${actions.slice(0, 3).join(', ')}`);
    await this.#check(backend, 'sync', {}, { conversation, agreed: new Set(), others: [] });
    try {
      await this.#scanOf(backend, conversation).call('sync', {});
      return false;
    } catch (error) {
      conversation.signal?.throwIfAborted();
      const message = messageOf(error);
      if (/full sync is required/i.test(message)) return true;
      throw new NotAllowed(
        `Nothing was changed: ${[...new Set(actions)].slice(0, 3).join(', ')} makes the next sync a full one, so the collection must be synced before it, and that failed: ${message}`,
        { cause: error },
      );
    }
  }

  async #backUp(
    backend: Backend,
    { actions, restore }: Operation,
    risks: readonly Risk[],
    conversation: Conversation,
  ): Promise<void> {
    if (this.#options.backup === 'never' || !risks.some((risk) => risk.searches)) return;
    const { Backups } = await import('./backups.ts');
    const backups = this.#backups.get(backend) ?? new Backups(backend);
    this.#backups.set(backend, backups);
    const searches = risks.flatMap((risk) => risk.searches ?? []);
    const reason = (await Promise.all(risks.map(async (risk) => risk.describe()))).join('; ');
    const scan = this.#scanOf(backend, conversation);
    const notice = await backups
      .ensure({ actions, reason, searches, restore }, scan)
      .catch((error: unknown) => {
        conversation.signal?.throwIfAborted();
        throw new NotAllowed(noBackup(error), { cause: error });
      });
    if (notice) conversation.notify?.(notice);
  }

  /** Returns true if the user can be asked. */
  canAsk({ ask }: Pick<Conversation, 'ask'>): boolean {
    return ask !== undefined && this.#options.confirm !== 'never';
  }

  #scanOf(backend: Backend, options: CallOptions): Scan {
    return {
      capabilities: backend.capabilities,
      fullSync: backend.fullSync,
      makesBackups: this.#options.backup !== 'never',
      hasAccount: backend.hasAccount === true,
      call: (action, input) => backend.call(action, input, options),
    };
  }

  async #tallyOf(session: object): Promise<Tally> {
    const { Tally } = await import('./index.ts');
    const tally = this.#tallies.get(session) ?? new Tally();
    this.#tallies.set(session, tally);
    return tally;
  }
}

const forcesFullSync = (risks: readonly Risk[]): boolean => risks.some(({ kind }) => kind === 'fullSync');

const declined =
  'The user declined: nothing was changed. Ask the user what to do instead. If the user saw no question, this client declined automatically: with --confirm never in its settings for this server, the client decides.';

const changing = `Nothing was changed: the user agreed ${maxQuestions} times, but each time the affected notes or cards had changed before the call could run. Repeat the call when nothing else changes the collection.`;

const cannotAsk = (question: string, confirm: SafeguardOptions['confirm']): string =>
  `Nothing was changed: this needs the user's confirmation (--confirm ${confirm}), and this client cannot ask the user. The question is: ${question} Use a client that supports MCP elicitation, or let the user make this change in Anki.`;

const fullSyncAdvice =
  'The next sync must be a full one. Do not use other devices until then: the user runs the command "ankiwright sync --sync-full upload" once with the options of this server, then lets the other devices download the collection.';

const noBackup = (error: unknown): string =>
  `Nothing was changed, because no backup could be made (${messageOf(error)}). Solve this problem. Without backups, the call runs if the client's settings for this server have the option --backup never.`;
