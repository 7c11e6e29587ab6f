import { addOn } from '../../backends/desktop/failure.ts';
import { actionNames } from '../../contract/index.ts';
import { isObject } from '../../lib/json.ts';
import { failure, ok, skipped, warning, type Check, type Finding } from './check.ts';
import type { Answer, Conversation } from './conversation.ts';
import type { Target } from './subject.ts';

const elsewhere =
  'If another program uses the port, end it, or give the add-on another one (webBindPort in its settings) and --url.';
const update = 'Update the add-on in Anki: Tools > Add-ons > Check for Updates.';
const settings = "the add-on's settings (Tools > Add-ons > AnkiConnect > Config)";
const dialog =
  'A dialog may be open in Anki, which holds up every call: look for it behind other windows, and close it. Or Anki is at work (sync, import, check): wait for that to end.';

/** In the add-on's source, and in no release of it yet. */
const unreleased: readonly string[] = ['guiAddNoteSetData'];

/** A check of what Anki-Connect said; undefined where there was nothing to be said. */
const heard = (
  name: string,
  judge: (conversation: Conversation, target: Target) => Finding | undefined,
): Check => ({
  name,
  look: async ({ target, desktop }) => {
    if (target.collection !== undefined) return skipped('With --collection, Anki is not asked.');
    return judge(await desktop(), target) ?? skipped('It cannot be seen: Anki-Connect did not tell.');
  },
});

const saysNone = (answer: Answer): boolean =>
  answer.kind === 'error' && answer.error === 'collection is not available';
const isSilent = (answer: Answer | undefined): boolean => answer?.kind === 'silence';

const port = heard('port', ({ place, version }, { profile }) => {
  if (version.kind !== 'unreachable') return ok(`Something listens at ${place}.`);
  const refused = version.why === 'ECONNREFUSED';
  if (refused && profile !== undefined) {
    return skipped(`Nothing listens at ${place}: while Anki is closed, the engine opens the profile.`);
  }
  return failure(
    refused ? `Nothing listens at ${place}.` : `${place} cannot be reached: ${version.why}.`,
    `Start Anki, with ${addOn}: Tools > Add-ons > Get Add-ons. If it listens elsewhere, give --url. To work without Anki, give --collection PATH or --profile NAME.`,
  );
});

const ankiConnect = heard('Anki-Connect', ({ place, version, key }) => {
  if (version.kind === 'unreachable') return undefined;
  if (key !== undefined || version.kind === 'result') return ok(`Anki-Connect answers at ${place}.`);
  if (version.kind === 'silence') {
    return failure(`${place} takes connections, but did not answer in time.`, `${dialog} ${elsewhere}`);
  }
  const what = version.kind === 'strange' ? version.what : 'with an error';
  return failure(`${place} answered ${what}: that is not Anki-Connect.`, elsewhere);
});

const key = heard('key', ({ key: fit }, { apiKey }) => {
  switch (fit) {
    case 'fits':
      return ok(apiKey === undefined ? 'Anki-Connect needs none.' : 'Anki-Connect takes the one given.');
    case 'needed':
      return failure(
        'Anki-Connect needs a key, and none was given.',
        `Put the apiKey of ${settings} into a file, and give --api-key-file PATH.`,
      );
    case 'wrong':
      return failure('Anki-Connect refuses the key that was given.', `Give the apiKey of ${settings}.`);
    case 'superfluous':
      return failure(
        'Anki-Connect has no key, and refuses the one that was given.',
        `Leave out --api-key and --api-key-file (ANKI_CONNECT_API_KEY, ANKI_CONNECT_API_KEY_FILE), or set it as apiKey in ${settings}.`,
      );
    default:
      return undefined;
  }
});

const version = heard('version', ({ version: answer }) => {
  if (answer.kind !== 'result') return undefined;
  const number = Number(answer.result);
  if (number < 6) return failure(`The API is version ${number}; ankiwright speaks 6.`, update);
  return ok(`The API is version ${number}. Which Anki and which release it is, the add-on does not tell.`);
});

const actions = heard('actions', ({ actions: answer }) => {
  if (answer?.kind === 'error') {
    return warning('The add-on is too old to tell its actions: many will be missing.', update);
  }
  const there = answer?.kind === 'result' && isObject(answer.result) ? answer.result['actions'] : undefined;
  if (!Array.isArray(there)) return undefined;
  const missing = actionNames.filter((name) => !there.includes(name));
  const all = `${actionNames.length - missing.length} of ${actionNames.length} actions are there`;
  if (missing.length === 0) return ok(`All ${actionNames.length} actions are there.`);
  if (missing.every((name) => unreleased.includes(name))) {
    return ok(`${all}; ${missing.join(', ')} is in no release of the add-on yet.`);
  }
  return warning(`${all}. Missing: ${missing.join(', ')}.`, update);
});

const openOne = 'Open it in Anki: File > Switch Profile.';

const profile = heard('profile', ({ profile: answer, decks }, { profile: wanted }) => {
  const none = failure('No profile is open in Anki.', 'Choose one in its window.');
  if (answer?.kind === 'result') {
    const { result: open } = answer;
    if (typeof open !== 'string') return none;
    if (wanted === undefined || wanted === open) return ok(`"${open}" is open.`);
    return failure(
      `"${open}" is open, and --profile is "${wanted}".`,
      `${openOne} Or close Anki: then the engine opens it.`,
    );
  }
  if (answer?.kind !== 'error') return undefined;
  if (decks && saysNone(decks)) return none;
  return decks?.kind === 'result'
    ? warning('One is open; the add-on is too old to tell which.', update)
    : undefined;
});

const dialogs = heard('dialog', ({ actions: first, profile: second, decks }) => {
  if ([first, second, decks].some(isSilent)) {
    return failure('Anki-Connect answers, but a call to Anki had no answer in time.', dialog);
  }
  if (decks?.kind === 'result') return ok('None is in the way: a call to the collection is answered.');
  if (decks === undefined || saysNone(decks)) return undefined;
  const how = decks.kind === 'error' ? `: ${decks.error}` : decks.kind === 'strange' ? ` ${decks.what}` : '';
  return failure(
    `A call to the collection was not answered with decks, but${how || ' not at all'}.`,
    'Anki may be closing, or its collection may be damaged: start it again, and see whether it opens.',
  );
});

/** Anki on the desktop, and the add-on in it. */
export const desktop: readonly Check[] = [port, ankiConnect, key, version, actions, profile, dialogs];
