// Every message is read by an assistant: what happened, and what to do next.

/** Anki, or Anki-Connect's rules, refused: the message is its own words, untouched (it may be empty). */
export class AnkiRefused extends Error {
  override readonly name: string = 'AnkiRefused';
}

/** Nothing was sent or done: Anki, its engine or the collection cannot be reached. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The call was sent and no answer came: it may or may not have been carried out. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** Something answered, but not what Anki-Connect answers. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** This backend, or the installed version of Anki, cannot do it. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** What Anki-Connect says of an action that it does not have. */
export const noSuchAction = 'unsupported action';

/** The installed Anki-Connect is older than the action. */
export const tooOld = (action: string): Unavailable =>
  new Unavailable(
    `Anki has no action ${action} (${noSuchAction}): the installed Anki-Connect is older than it. Update the add-on in Anki (Tools > Add-ons > Check for Updates); if there is no update, no release has it yet.`,
  );

/** A media file may not be taken from there, or is none: nothing was sent to Anki. */
export class MediaRefused extends Error {
  override readonly name = 'MediaRefused';
}

/** The user, or how the server was started, does not allow it: nothing was changed. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';
}

/** A resource, prompt or argument of that name is not there. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
  /** JSON-RPC's number for invalid parameters. */
  readonly code = -32602;
}

/** The program was started with wrong options or arguments: printed in one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
