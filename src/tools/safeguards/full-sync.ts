import { actions } from '../../contract/index.ts';
import { ruleForEach, type Risk } from './rule.ts';
import type { Scan } from './scan.ts';

/** Returns the risk of a change after which Anki can no longer merge the collection with the one on the server, if it is synced. */
export const fullSyncRisk = ({ hasAccount }: Pick<Scan, 'hasAccount'>): Risk | undefined =>
  hasAccount
    ? {
        kind: 'fullSync',
        of: ['the next sync'],
        describe: () =>
          'Make the next sync a full one, which replaces the collection on the server with this one, or the reverse: what other devices sync until then is lost',
      }
    : undefined;

const forced = async (scan: Scan, isChange = true): Promise<Risk | undefined> =>
  isChange ? fullSyncRisk(scan) : undefined;

const hasType = async ({ call }: Scan, modelName: string): Promise<boolean> =>
  (await call('modelNames', {})).includes(modelName);

const ofType = async ({ modelName }: { readonly modelName: string }, scan: Scan): Promise<Risk | undefined> =>
  forced(scan, scan.hasAccount && (await hasType(scan, modelName)));

/** Rules of actions that force a full sync. They apply to an engine that syncs: of the desktop, nothing is known. */
export const fullSync = {
  modelFieldAdd: ruleForEach(actions.modelFieldAdd, ofType),
  modelFieldRemove: ruleForEach(actions.modelFieldRemove, ofType),
  modelFieldReposition: ruleForEach(actions.modelFieldReposition, ofType),
  modelTemplateAdd: ruleForEach(actions.modelTemplateAdd, ofType),
  modelTemplateRemove: ruleForEach(actions.modelTemplateRemove, ofType),
  modelTemplateReposition: ruleForEach(actions.modelTemplateReposition, ofType),
  removeEmptyNotes: ruleForEach(actions.removeEmptyNotes, (_, scan) => forced(scan)),
  removeDeckConfigId: ruleForEach(actions.removeDeckConfigId, ({ configId }, scan) =>
    forced(scan, configId !== 1),
  ),
};
