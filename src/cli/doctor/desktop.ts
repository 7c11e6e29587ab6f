import { noProfileOpen } from '../../anki-connect/envelope.ts';
import { addOn } from '../../backends/desktop/failure.ts';
import { actionNames, isReleased } from '../../contract/index.ts';
import { isObject } from '../../lib/json.ts';
import { failure, ok, skipped, warning, withoutAnki, type Check, type Finding } from './check.ts';
import type { DesktopReplies, Outcome } from './desktop-replies.ts';
import { lacksAddOn } from './add-on.ts';
import type { Subject } from './subject.ts';

const portConflict =
  'If another program uses the port, stop it, or set another port in the add-on (webBindPort in its settings) and in --url.';
const update = 'Update the add-on in Anki: Tools > Add-ons > Check for Updates.';
const settings = "the add-on's settings (Tools > Add-ons > AnkiConnect > Config)";
const dialog =
  'A dialog may be open in Anki, which blocks every call: look for it behind other windows and close it. Or Anki is busy (sync, import, check): wait until it has finished.';

/** Returns a check of Anki-Connect's replies. It is skipped if `judge` finds no reply to judge. */
const repliesCheck = (
  name: string,
  judge: (replies: DesktopReplies, subject: Subject) => Finding | undefined | Promise<Finding>,
): Check => ({
  name,
  examine: async (subject) => {
    if (subject.target.collection !== undefined) return skipped('With --collection, Anki is not used.');
    return (
      (await judge(await subject.desktop(), subject)) ??
      skipped('Unknown, because Anki-Connect did not reply.')
    );
  },
});

const hasNoCollection = (outcome: Outcome): boolean =>
  outcome.kind === 'error' && outcome.error === noProfileOpen;
const isTimeout = (outcome: Outcome | undefined): boolean => outcome?.kind === 'timeout';

const port = repliesCheck('port', async ({ place, version }, subject) => {
  if (version.kind !== 'unreachable') return ok(`A program listens at ${place}.`);
  const refused = version.why === 'ECONNREFUSED';
  if (refused && subject.target.profile !== undefined) {
    return skipped(`Nothing listens at ${place}. While Anki is closed, the engine opens the profile.`);
  }
  if (refused && (await lacksAddOn(subject))) {
    return skipped(`Nothing listens at ${place}: see the check "add-on".`);
  }
  return failure(
    refused ? `Nothing listens at ${place}.` : `${place} cannot be reached: ${version.why}.`,
    `Start Anki, with ${addOn}: Tools > Add-ons > Get Add-ons. If it listens at another address, set --url. ${withoutAnki}`,
  );
});

const ankiConnect = repliesCheck('Anki-Connect', ({ place, version, key }) => {
  if (version.kind === 'unreachable') return undefined;
  if (key !== undefined || version.kind === 'result') return ok(`Anki-Connect replies at ${place}.`);
  if (version.kind === 'timeout') {
    return failure(`${place} accepts connections, but did not reply in time.`, `${dialog} ${portConflict}`);
  }
  const what = version.kind === 'unexpected' ? version.what : 'with an error';
  return failure(`${place} replied ${what}, so it is not Anki-Connect.`, portConflict);
});

const key = repliesCheck('key', ({ key: state }, { target: { apiKey } }) => {
  switch (state) {
    case 'correct':
      return ok(apiKey === undefined ? 'Anki-Connect needs no key.' : 'Anki-Connect accepts the key.');
    case 'missing':
      return failure(
        'Anki-Connect needs a key, and none is set.',
        `Put the apiKey from ${settings} into a file, and set --api-key-file PATH.`,
      );
    case 'wrong':
      return failure('Anki-Connect refuses the key.', `Use the apiKey from ${settings}.`);
    case 'unneeded':
      return failure(
        'Anki-Connect has no key set, and refuses requests with a key.',
        `Remove --api-key and --api-key-file (ANKI_CONNECT_API_KEY, ANKI_CONNECT_API_KEY_FILE), or set the key as apiKey in ${settings}.`,
      );
    default:
      return undefined;
  }
});

const version = repliesCheck('version', ({ version: outcome }) => {
  if (outcome.kind !== 'result') return undefined;
  const number = Number(outcome.result);
  if (number < 6) return failure(`The API has version ${number}; ankiwright needs 6.`, update);
  return ok(`The API has version ${number}. The add-on does not report its own version or Anki's.`);
});

const actions = repliesCheck('actions', ({ actions: outcome }) => {
  if (outcome?.kind === 'error') {
    return warning('The add-on is too old to list its actions. Many will be missing.', update);
  }
  const result = outcome?.kind === 'result' && isObject(outcome.result) ? outcome.result : {};
  const { actions: available } = result;
  if (!Array.isArray(available)) return undefined;
  const missing = actionNames.filter((name) => !available.includes(name));
  const count = `${actionNames.length - missing.length} of ${actionNames.length} actions are available`;
  if (missing.length === 0) return ok(`All ${actionNames.length} actions are available.`);
  if (!missing.some(isReleased)) {
    return ok(`${count}; ${missing.join(', ')} is in no release of the add-on yet.`);
  }
  return warning(`${count}. Missing: ${missing.join(', ')}.`, update);
});

const switchProfile = 'Open it in Anki: File > Switch Profile.';

const profile = repliesCheck('profile', ({ profile: outcome, decks }, { target: { profile: wanted } }) => {
  const none = failure('No profile is open in Anki.', 'Choose one in Anki.');
  if (outcome?.kind === 'result') {
    const { result: openProfile } = outcome;
    if (typeof openProfile !== 'string') return none;
    if (wanted === undefined || wanted === openProfile) return ok(`"${openProfile}" is open.`);
    return failure(
      `"${openProfile}" is open, and --profile is "${wanted}".`,
      `${switchProfile} Or close Anki: then the engine opens it.`,
    );
  }
  if (outcome?.kind !== 'error') return undefined;
  if (decks && hasNoCollection(decks)) return none;
  return decks?.kind === 'result'
    ? warning('A profile is open. The add-on is too old to report which one.', update)
    : undefined;
});

const dialogs = repliesCheck('dialog', ({ actions: first, profile: second, decks }) => {
  if ([first, second, decks].some(isTimeout)) {
    return failure('Anki-Connect replies, but a call to Anki got no reply in time.', dialog);
  }
  if (decks?.kind === 'result') return ok('No dialog blocks Anki: a call to the collection got a reply.');
  if (decks === undefined || hasNoCollection(decks)) return undefined;
  const reply =
    decks.kind === 'error' ? `: ${decks.error}` : decks.kind === 'unexpected' ? ` ${decks.what}` : '';
  return failure(
    `A call to the collection did not return the decks. Anki-Connect replied${reply || ' nothing'}.`,
    'Anki may be closing, or its collection may be damaged. Start Anki again and check that the collection opens.',
  );
});

/** Checks of Anki on the desktop and its add-on. */
export const desktop: readonly Check[] = [port, ankiConnect, key, version, actions, profile, dialogs];
