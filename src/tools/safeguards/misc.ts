import { basename } from 'node:path';
import { actions } from '../../contract/index.ts';
import { rule, ruleForEach } from './rule.ts';
import { shown, withCards } from './survey.ts';

const everything = ['deck:*'];

export const misc = {
  importPackage: ruleForEach(actions.importPackage, async ({ path }, survey) => ({
    deed: `Merge the package ${shown(basename(path))} into this collection ${await withCards(survey, everything)}`,
    searches: everything,
  })),

  // The desktop asks by itself, in its import window.
  guiImportFile: ruleForEach(actions.guiImportFile, async ({ path }, survey) =>
    survey.capabilities.hasWindows
      ? undefined
      : {
          deed: `Import the file ${shown(basename(path))} into this collection ${await withCards(survey, everything)}`,
          searches: everything,
        },
  ),

  sync: rule(actions.sync, async (_, survey) => {
    if (!survey.capabilities.hasFullSync || survey.fullSync === undefined) return [];
    const here = `this collection ${await withCards(survey, everything)}`;
    return survey.fullSync === 'upload'
      ? [{ deed: `Sync, and if a full sync is due replace what is on the server by ${here}` }]
      : [
          {
            deed: `Sync, and if a full sync is due replace ${here}, by what is on the server`,
            searches: everything,
          },
        ];
  }),
};
