import { basename } from 'node:path';
import { z } from 'zod';
import { actions } from '../../contract/index.ts';
import { everything } from '../search-terms.ts';
import { rule, ruleForEach, type Risk } from './rule.ts';
import { shorten } from '../../lib/wording.ts';
import { withCards, type Scan } from './scan.ts';

const searches = [everything];

/** The path may be the real path of a link, with another ending than the action allows. */
const imported = { input: z.looseObject({ path: z.string() }) };

/** Returns the risk of a call that may change everything. */
const ofAll = (scan: Scan, of: string, sentence: (cards: string) => string): Risk => ({
  kind: 'deletes',
  of: [of],
  searches,
  describe: async () => sentence(await withCards(scan, searches)),
});

export const misc = {
  importPackage: ruleForEach(imported, async ({ path }, scan) =>
    ofAll(
      scan,
      'a file',
      (cards) => `Merge the package ${shorten(basename(path))} into this collection ${cards}`,
    ),
  ),

  // The desktop asks in its own import window.
  guiImportFile: ruleForEach(imported, async ({ path }, scan) =>
    scan.capabilities.hasWindows
      ? undefined
      : ofAll(
          scan,
          'a file',
          (cards) => `Import the file ${shorten(basename(path))} into this collection ${cards}`,
        ),
  ),

  guiCheckDatabase: rule(actions.guiCheckDatabase, async (_, scan) => [
    ofAll(
      scan,
      'database',
      (cards) =>
        `Check and repair the database of this collection ${cards}, which may delete broken notes and cards`,
    ),
  ]),

  sync: rule(actions.sync, async (_, scan) => {
    if (scan.fullSync === undefined) return [];
    const lost = scan.makesBackups ? '' : ', without a backup (--backup never)';
    return scan.fullSync === 'upload'
      ? [
          {
            kind: 'deletes',
            of: ['the collection on the server'],
            describe: async () =>
              `Sync, and if a full sync is needed, overwrite the collection on the server with this collection (${await withCards(scan, searches)})`,
          },
        ]
      : [
          ofAll(
            scan,
            'this collection',
            (cards) =>
              `Sync, and if a full sync is needed, overwrite this collection (${cards}) with the collection on the server${lost}`,
          ),
        ];
  }),
};
