import type { Host } from '../process/host.ts';
import type { Installation } from '../process/install.ts';
import type { Account } from './account.ts';
import { Browser } from './browser.ts';
import { Collection, type Place } from './collection.ts';
import { Reviewer } from './reviewer.ts';

/** What Anki's windows hold in memory. It outlives a closed and reopened collection, but not the process. */
export class Windows {
  readonly reviewer = new Reviewer();
  readonly browser = new Browser();
}

/** Settings that every session of an engine shares. */
export interface SessionSettings {
  /** The profile's name. */
  readonly profile: string;
  readonly account: Account;
  /** True if guiImportFile imports at once (text files only with a complete header); otherwise it waits for a click on Import, as the desktop does. */
  readonly importsAtOnce: boolean;
  /** Returns the installed engine, to start a second one. */
  readonly installation: () => Promise<Installation>;
}

/** An open collection with its windows, account and settings: what a handler works on. */
export class Session extends Collection {
  readonly reviewer: Reviewer;
  readonly browser: Browser;
  readonly profile: string;
  readonly account: Account;
  readonly importsAtOnce: boolean;
  readonly installation: () => Promise<Installation>;

  constructor(
    host: Host,
    place: Place,
    { reviewer, browser }: Windows,
    { profile, account, importsAtOnce, installation }: SessionSettings,
  ) {
    super(host, place);
    this.reviewer = reviewer;
    this.browser = browser;
    this.profile = profile;
    this.account = account;
    this.importsAtOnce = importsAtOnce;
    this.installation = installation;
  }

  /** Refreshes the windows, as Anki-Connect does around most changes: note types are read again, a review shows its next card. */
  async reset(): Promise<void> {
    this.resetForAdding();
    await this.reviewer.refresh(this);
  }

  /**
   * The same for a change that only adds. A review then looks up its next card when somebody looks, because the engine builds
   * the queue again after each new card, which takes long in a large collection.
   */
  resetForAdding(): void {
    this.noteTypes.clear();
    this.reviewer.outdate();
  }

  /** Updates the windows after the collection was opened, or synced: another program may have changed it. */
  async resume(): Promise<void> {
    this.noteTypes.clear();
    await this.reviewer.resume(this);
  }
}
