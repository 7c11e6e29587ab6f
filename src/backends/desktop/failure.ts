import { categories, type ActionName } from '../../contract/index.ts';
import { OutcomeUnknown, Unreachable, Unreadable } from '../../contract/errors.ts';
import { isRead, type PendingCall } from './pending-call.ts';
import { replyLimit, tooLarge } from './post.ts';
import { codeOf } from '../../lib/error.ts';

export const addOn = 'the Anki-Connect add-on (code 2055492159)';

/** Actions that show whether a call of this category was carried out. */
const checkWith: readonly (readonly [category: object, reads: string])[] = [
  [categories.card, 'cardsInfo'],
  [categories.deck, 'deckNamesAndIds or getDeckConfig'],
  [categories.gui, 'guiReviewActive or guiCurrentCard, or ask the user what Anki shows'],
  [categories.media, 'getMediaFilesNames'],
  [categories.misc, 'deckNames and findNotes'],
  [categories.model, 'modelNamesAndIds, modelFieldNames or modelTemplates'],
  [categories.note, 'findNotes, notesInfo or cardsInfo'],
  [categories.statistic, 'getReviewsOfCards'],
];

const outcomeUnknown = (name: ActionName): string => {
  const check = checkWith.find(([category]) => Object.hasOwn(category, name))?.[1];
  return `${name} may or may not have been carried out. Check with ${check} before you repeat it.`;
};

/** Returns true if the connection broke, so that a new one may work. */
export const isBroken = (error: unknown): boolean => ['ECONNRESET', 'EPIPE'].includes(codeOf(error));

/** Returns the error for a call without a reply: what it means and what to do. */
export function failure(
  { subject: name, sent, timedOut, cancelled, timeoutMs }: PendingCall,
  cause: unknown,
  place: string,
): Error {
  const code = codeOf(cause);
  const unsure = sent && !isRead(name);
  const errorOf = (what: string): Error =>
    unsure
      ? new OutcomeUnknown(`${what} ${outcomeUnknown(name)}`, { cause })
      : new Unreachable(what, { cause });
  if (cancelled) {
    const what = `${name} was cancelled before ${sent ? 'Anki answered' : 'it was sent'}.`;
    return unsure ? errorOf(what) : new DOMException(what, 'AbortError');
  }
  if (timedOut && sent) {
    return errorOf(
      `Anki (${place}) did not answer ${name} within ${timeoutMs / 1000} s. A dialog may be open in Anki: it blocks every call until the user closes it.`,
    );
  }
  if (timedOut)
    return errorOf(`No connection to ${place} within ${timeoutMs / 1000} s. Check that Anki runs there.`);
  if (code === 'ECONNREFUSED') {
    return errorOf(
      `Anki is not running, or ${addOn} is not installed. Ask the user to start Anki, or to install the add-on in Anki (Tools > Add-ons > Get Add-ons), and try again. No program listens at ${place}.`,
    );
  }
  if (!sent) return errorOf(`Anki cannot be reached at ${place} (${code}). Check the URL.`);
  if (code === tooLarge) {
    const what = `The answer to ${name} is larger than ${replyLimit / 1024 / 1024} MB and was not read. Request less at a time.`;
    return unsure ? errorOf(what) : new Unreadable(what, { cause });
  }
  if (code.startsWith('HPE_')) return unexpectedReply(name, 'with something that is not HTTP', unsure, place);
  const closed = `Anki (${place}) closed the connection without answering ${name}.`;
  return errorOf(unsure ? closed : `${closed} Check that it is still running, and try again.`);
}

/** Returns the error for an unexpected reply, without a cause: a parser's error quotes the text, which may contain the key. */
export const unexpectedReply = (name: ActionName, what: string, unsure: boolean, place: string): Unreadable =>
  new Unreadable(
    `${place} answered ${what}. Check that Anki with ${addOn} uses this port, and no other program.${unsure ? ` ${outcomeUnknown(name)}` : ''}`,
  );
