import type { ActionName, Output, Params } from '../contract/index.ts';
import {
  typedCall,
  type Backend,
  type CallOptions,
  type Capabilities,
  type Pause,
} from '../contract/backend.ts';
import { Unreachable } from '../contract/errors.ts';
import { codeOf } from '../lib/error.ts';
import { isListening } from '../lib/is-listening.ts';

export interface ProfileOptions {
  readonly profile: string;
  readonly desktop: Backend;
  /** Starts Anki's engine on the profile's collection, and reports when it has opened the collection or is about to close it. */
  readonly engine: (onOpen: (isOpen: boolean) => void) => Promise<Backend>;
}

/** Milliseconds for which a profile check stays valid: the user may switch profiles at any time. */
const trustMs = 2000;

/** Milliseconds between two checks whether Anki has started, while the engine has the collection open. Anki opens the collection 40 to 160 ms after its add-on listens. */
const watchMs = 20;

/** Milliseconds that new calls wait for running ones after Anki has started. */
const drainMs = 500;

const isRefused = (error: unknown): boolean =>
  error instanceof Error && codeOf(error.cause) === 'ECONNREFUSED';

/** One profile of Anki: uses the add-on while Anki is open, and the engine while it is closed. */
export class Profile implements Backend {
  readonly #options: ProfileOptions;
  #engine: Backend | undefined;
  #chosen: Promise<Backend> | undefined;
  #last: Backend;
  #users = 0;
  #seenOpen = -Infinity;
  /** Whether the engine has the collection open. */
  #isOpen = false;
  /** Watches for Anki as long as that is so. */
  #watch: NodeJS.Timeout | undefined;
  /** Set while calls have to wait, because Anki has started and the engine is about to close the collection. */
  #leaving: Promise<void> | undefined;
  #drained = () => {};

  readonly call = typedCall(this);

  constructor(options: ProfileOptions) {
    this.#options = options;
    this.#last = options.desktop;
  }

  get kind(): Backend['kind'] {
    return this.#last.kind;
  }

  get capabilities(): Capabilities {
    return this.#last.capabilities;
  }

  get place(): string {
    return this.#last.place;
  }

  get isWriting(): boolean {
    return this.#engine?.isWriting ?? false;
  }

  request<N extends ActionName>(name: N, params: Params<N>, options?: CallOptions): Promise<Output<N>> {
    return this.hold((backend) => backend.request(name, params, options));
  }

  /** Runs work on the current backend. The backend changes only while all calls are finished or paused. */
  async hold<T>(work: (backend: Backend, pause: Pause) => Promise<T>): Promise<T> {
    let isHeld = false;
    const take = async (): Promise<Backend> => {
      await this.#leaving;
      isHeld = true;
      if (this.#users++ === 0) this.#chosen = this.#choose();
      return (this.#last = (await this.#chosen) ?? this.#last);
    };
    const release = () => {
      if (isHeld && --this.#users === 0) this.#drained();
      isHeld = false;
    };
    try {
      const backend = await take();
      return await work(backend, async (wait) => {
        release();
        const result = await wait();
        if ((await take()) !== backend) throw new Unreachable(switched);
        return result;
      });
    } catch (error) {
      this.#seenOpen = -Infinity;
      throw error;
    } finally {
      release();
    }
  }

  async close(): Promise<void> {
    this.#stopWatching();
    await Promise.all([this.#options.desktop.close(), this.#engine?.close()]);
  }

  #onOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (isOpen) this.#watchForAnki();
    else this.#stopWatching();
  }

  /** Closes the engine's collection soon after Anki has started, also while calls arrive without a pause. */
  #watchForAnki(): void {
    if (this.#watch || !this.#isOpen) return;
    const check = async () => {
      this.#watch = undefined;
      if (!(await isListening(new URL(this.#options.desktop.place)))) return this.#watchForAnki();
      this.#leaving ??= this.#leave().finally(() => (this.#leaving = undefined));
      return this.#leaving;
    };
    this.#watch = setTimeout(() => void check().catch(() => this.#watchForAnki()), watchMs).unref();
  }

  #stopWatching(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  /** Waits until no call is running, and closes the engine. Gives up after a while: a call may itself wait for a new one. */
  async #leave(): Promise<void> {
    if (this.#users > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
        setTimeout(resolve, drainMs);
      });
    }
    if (this.#users === 0) await this.#release();
    else this.#watchForAnki();
  }

  /** Lets Anki open the collection. */
  async #release(): Promise<void> {
    const engine = this.#engine;
    await (engine?.release?.() ?? engine?.close());
  }

  async #choose(): Promise<Backend> {
    const { desktop, engine, profile } = this.#options;
    if (performance.now() - this.#seenOpen < trustMs) return desktop;
    const reply = await desktop.call('getActiveProfile', {}).then(
      (activeProfile) => ({ activeProfile }),
      (error: unknown) => ({ error }),
    );
    if ('error' in reply && isRefused(reply.error)) {
      return (this.#engine ??= await engine((isOpen) => this.#onOpen(isOpen)));
    }
    await this.#release();
    if ('error' in reply) throw reply.error;
    if (reply.activeProfile !== profile) throw new Unreachable(otherProfile(reply.activeProfile, profile));
    this.#seenOpen = performance.now();
    return desktop;
  }
}

const switched =
  'Nothing was changed: Anki was opened or closed while the call waited for the user. Repeat the call.';

const otherProfile = (active: string | null, wanted: string): string =>
  `Anki has ${active === null ? 'no profile' : `the profile "${active}"`} open, but this server is for "${wanted}". Open "${wanted}" in Anki (File > Switch Profile), or close Anki to work without it. Nothing was changed.`;
