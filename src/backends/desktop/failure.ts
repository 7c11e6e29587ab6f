import { categories, type ActionName } from '../../contract/index.ts';
import { OutcomeUnknown, Unreachable, Unreadable } from '../../contract/errors.ts';
import { isRead, type Call } from './call.ts';
import { replyLimit, tooLarge } from './post.ts';
import { codeOf } from '../../lib/error.ts';

export const addOn = 'the Anki-Connect add-on (code 2055492159)';

/** Where one sees whether an action of that category was carried out. */
const lookWith: readonly (readonly [category: object, reads: string])[] = [
  [categories.card, 'cardsInfo'],
  [categories.deck, 'deckNamesAndIds or getDeckConfig'],
  [categories.gui, 'guiReviewActive or guiCurrentCard, or ask the user what Anki shows'],
  [categories.media, 'getMediaFilesNames'],
  [categories.misc, 'deckNames and findNotes'],
  [categories.model, 'modelNamesAndIds, modelFieldNames or modelTemplates'],
  [categories.note, 'findNotes, notesInfo or cardsInfo'],
  [categories.statistic, 'getReviewsOfCards'],
];

const unknown = (name: ActionName): string => {
  const look = lookWith.find(([category]) => Object.hasOwn(category, name))?.[1];
  return `${name} may or may not have been carried out: look with ${look} before repeating it.`;
};

/** The connection broke: another one may hold. */
export const isBroken = (error: unknown): boolean => ['ECONNRESET', 'EPIPE'].includes(codeOf(error));

/** What it means, and what to do, when no answer was got. */
export function failure({ name, sent, late, cancelled, limit }: Call, cause: unknown, place: string): Error {
  const code = codeOf(cause);
  const unsure = sent && !isRead(name);
  const said = (what: string): Error =>
    unsure ? new OutcomeUnknown(`${what} ${unknown(name)}`, { cause }) : new Unreachable(what, { cause });
  if (cancelled) {
    const what = `${name} was cancelled before ${sent ? 'Anki answered' : 'it was sent'}.`;
    return unsure ? said(what) : new DOMException(what, 'AbortError');
  }
  if (late && sent) {
    return said(
      `Anki (${place}) did not answer ${name} within ${limit / 1000} s. A dialog may be open in Anki: it holds up every call until the user closes it.`,
    );
  }
  if (late) return said(`No connection to ${place} within ${limit / 1000} s. Is that where Anki runs?`);
  if (code === 'ECONNREFUSED') {
    return said(
      `Anki is not running, or ${addOn} is not installed. Start Anki and try again, or start ankiwright with --collection PATH to work without the desktop. Nothing answers at ${place}.`,
    );
  }
  if (!sent) return said(`Anki cannot be reached at ${place} (${code}). Check the URL.`);
  if (code === tooLarge) {
    const what = `The answer to ${name} is larger than ${replyLimit / 1024 / 1024} MB and was not read. Ask for less at a time.`;
    return unsure ? said(what) : new Unreadable(what, { cause });
  }
  if (code.startsWith('HPE_')) return strange(name, 'with something that is no HTTP', unsure, place);
  const closed = `Anki (${place}) closed the connection without answering ${name}.`;
  return said(unsure ? closed : `${closed} See whether it is still running, and try again.`);
}

/** Without a cause: parsers keep the text they stumbled over, and that may hold the key. */
export const strange = (name: ActionName, what: string, unsure: boolean, place: string): Unreadable =>
  new Unreadable(
    `${place} answered ${what}. Is that Anki with ${addOn}, or does another program use the port?${unsure ? ` ${unknown(name)}` : ''}`,
  );
