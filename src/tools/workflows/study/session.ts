import { randomUUID } from 'node:crypto';
import type { Backend } from '../../../contract/backend.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { oneAtATime } from '../../../lib/one-at-a-time.ts';
import type { Context } from '../../workflow.ts';
import type { CardSource, Ease, ShownCard } from './card-source.ts';
import type { ChosenCards, Choice } from './chosen-cards.ts';
import type { Step } from './step.ts';
import type { Rated } from './undo-rating.ts';

/** A rating. */
export interface Answered extends Rated {
  readonly ease: Ease;
}

/** A study session of one client. */
export interface Session {
  /** Identifies the session in calls of its panel, which may come over another connection. */
  readonly id: string;
  /** Number of actions so far. A panel that shows an earlier state must not act on it. */
  version: number;
  /** What the last action returned. */
  last: Step | undefined;
  /** The MCP session of the client. */
  readonly client: AbortSignal;
  readonly choice: Choice;
  /** Where the cards come from by choice. */
  readonly source: CardSource;
  /** Where they come from until it has no more; then `source` goes on. */
  detour: ChosenCards | undefined;
  /** Maximum number of cards. */
  readonly limit: number;
  readonly started: number;
  readonly answered: Answered[];
  shown: ShownCard | undefined;
  /** True after the last card or stop: then only undo is possible, which continues the session. */
  ended: boolean;
  /** What the user wrote about cards, by card id. */
  readonly comments: Map<number, string>;
  /** Questions of cards that were answered, as text. */
  readonly questions: Map<number, string>;
}

/** The last session of each backend: Anki has one reviewer. */
const sessions = new WeakMap<Backend, Session>();

/** A queue for each backend: without it, an action could read a card that is just being rated. */
const queues = new WeakMap<Backend, ReturnType<typeof oneAtATime>>();

export function afterLastAction<T>({ backend }: Context, work: () => Promise<T>): Promise<T> {
  const queue = queues.get(backend) ?? oneAtATime();
  queues.set(backend, queue);
  return queue(work);
}

/** Opens a session for this client. Throws if another client studies. */
export function openSession(context: Context, choice: Choice, source: CardSource, limit: number): Session {
  const session: Session = {
    id: randomUUID(),
    version: 0,
    last: undefined,
    client: context.session,
    choice,
    source,
    detour: undefined,
    limit,
    started: Date.now(),
    answered: [],
    shown: undefined,
    ended: false,
    comments: new Map(),
    questions: new Map(),
  };
  sessions.set(context.backend, session);
  return session;
}

/** Throws if another client studies. */
export function refuseOther(context: Context): void {
  const session = sessions.get(context.backend);
  if (!session || session.ended || session.client === context.session || session.client.aborted) return;
  throw new AnkiRefused(
    `Nothing was changed: another client studies ${nameOf(session.choice)} (${session.answered.length} rated so far), and Anki has one reviewer. Wait until it has finished. If nobody studies there any more, end that session with action "stop", then start yours.`,
  );
}

/** Returns the session with this id, or the session of this client. Undefined if there is none any more. */
export function sessionOf(context: Context, id?: string): Session | undefined {
  const session = sessions.get(context.backend);
  const isMeant = id === undefined ? session?.client === context.session : session?.id === id;
  return isMeant ? session : undefined;
}

/** Keeps what an action returned, for the panel of the session. */
export function remember(session: Session, step: Step): Step {
  session.version += 1;
  session.last = step;
  return { ...step, panel: { session: session.id } };
}

/** Returns the name of a deck, or a search if there is no deck. */
const nameOf = ({ deck, query = '' }: Choice): string =>
  deck === undefined ? `the search ${echo(query)}` : `the deck "${echo(deck)}"`;

/** Returns the open session that stop ends: this client's, or another client's that keeps this one from starting. */
export function openSessionOf({ backend }: Context): Session {
  const session = sessions.get(backend);
  if (!session || session.ended) throw noSession();
  return session;
}

/** Returns the session of this client; an ended one for undo only. */
export function ownSession(context: Context, allowEnded: boolean): Session {
  refuseOther(context);
  const session = sessions.get(context.backend);
  if (session?.client !== context.session || (session.ended && !allowEnded)) throw noSession();
  return session;
}

const noSession = (): AnkiRefused =>
  new AnkiRefused('No study session is open. Start one with action "start" and a deck.');
