import { basename } from 'node:path';
import { actions } from '../../contract/index.ts';
import { rule, ruleForEach } from './rule.ts';
import { shorten, withCards } from './scan.ts';
import { everything } from '../search-terms.ts';

export const misc = {
  importPackage: ruleForEach(actions.importPackage, async ({ path }, scan) => ({
    consequence: `Merge the package ${shorten(basename(path))} into this collection ${await withCards(scan, [everything])}`,
    searches: [everything],
  })),

  // The desktop asks in its own import window.
  guiImportFile: ruleForEach(actions.guiImportFile, async ({ path }, scan) =>
    scan.capabilities.hasWindows
      ? undefined
      : {
          consequence: `Import the file ${shorten(basename(path))} into this collection ${await withCards(scan, [everything])}`,
          searches: [everything],
        },
  ),

  sync: rule(actions.sync, async (_, scan) => {
    if (scan.fullSync === undefined) return [];
    const lost = scan.makesBackups ? '' : ', without a backup (--backup never)';
    const local = `this collection (${await withCards(scan, [everything])})`;
    return scan.fullSync === 'upload'
      ? [
          {
            consequence: `Sync, and if a full sync is needed, overwrite the collection on the server with ${local}`,
          },
        ]
      : [
          {
            consequence: `Sync, and if a full sync is needed, overwrite ${local} with the collection on the server${lost}`,
            searches: [everything],
          },
        ];
  }),
};
