import { noProfileOpen } from '../../anki-connect/envelope.ts';

/** What errors of the add-on mean, and what to do. */
const explanations: readonly (readonly [error: RegExp, explanation: string])[] = [
  [
    new RegExp(`^${noProfileOpen}$`),
    'No profile is open in Anki. Open one with loadProfile (getProfiles lists them), or ask the user to.',
  ],
  [
    /no attribute 'profileDiag'$/,
    'Anki shows an error to the user, for example because another program used the collection. It may have opened the profile nevertheless: deckNames shows whether it has.',
  ],
  [
    /no attribute 'buttonBox'$/,
    'This version of the add-on cannot open this editor in this version of Anki. guiBrowse with nid:… shows the note in the browser, where the user can edit it.',
  ],
  [
    /^sync: auth not configured$/,
    'Nothing was synced: Anki is not logged in to AnkiWeb or another sync server. Ask the user to click Sync in Anki once and to log in.',
  ],
  [
    // The add-on syncs only changes. If one side must replace the other, its error has the number of what is due.
    /^Sync status [234] /,
    'Nothing was synced: a full sync is due, in which the collection here replaces the one on the server or is replaced by it, and only the user can choose which. Ask the user to click Sync in Anki and to choose Upload or Download; what was changed only on the other side is lost.',
  ],
];

/** Returns an error of the add-on, followed by what it means if we know that. */
export function explained(error: string): string {
  const [, explanation] = explanations.find(([known]) => known.test(error)) ?? [];
  return explanation === undefined ? error : `${error}\n${explanation}`;
}
