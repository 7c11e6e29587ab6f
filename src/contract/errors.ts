// An assistant reads every message: it says what failed, why, and what to do.

/** Anki or Anki-Connect's rules refused the call. The message is theirs, unchanged; it may be empty. */
export class AnkiRefused extends Error {
  override readonly name: string = 'AnkiRefused';
}

/** Anki, its engine or the collection cannot be reached. Nothing was changed. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The call was sent and no reply came: it may or may not have been carried out. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** A reply came that is not one of Anki-Connect. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** This backend or the installed Anki version does not support the call. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** Anki-Connect's error message for an unknown action. */
export const noSuchAction = 'unsupported action';

/** Returns the error for an action that is newer than the installed Anki-Connect. */
export const tooOld = (action: string): Unavailable =>
  new Unavailable(
    `Anki has no action ${action} (${noSuchAction}): the installed Anki-Connect is older than it. Update the add-on in Anki (Tools > Add-ons > Check for Updates); if there is no update, no release has it yet.`,
  );

/** A media source is not allowed, or is not a media file. Nothing was sent to Anki. */
export class MediaRefused extends Error {
  override readonly name = 'MediaRefused';
}

/** The user or the server's options do not allow the call. Nothing was changed. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';
}

/** A resource, prompt or argument does not exist. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
  /** JSON-RPC error code for invalid parameters. */
  readonly code = -32602;
}

/** The program was started with wrong options or arguments: printed in one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
