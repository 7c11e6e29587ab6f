import type { Backend } from '../contract/backend.ts';

/** Returns what the `_meta` of each result says about the backend. */
export const backendMeta = ({ kind, place, sync }: Backend) => ({
  'ankiwright/backend': { kind, place },
  ...(sync && { 'ankiwright/sync': { ...sync } }),
});

/** Returns a problem of the sync once, so that one result of a session reports it. */
export type SyncProblemOf = (backend: Backend) => string | undefined;

export function newSyncProblems(): SyncProblemOf {
  let reported: string | undefined;
  return ({ sync }) => {
    const isNew = sync?.why !== reported;
    reported = sync?.why;
    return isNew ? reported : undefined;
  };
}
