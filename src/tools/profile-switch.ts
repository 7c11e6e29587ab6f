import { setTimeout as after } from 'node:timers/promises';
import { echo } from '../lib/cut.ts';
import type { Json } from '../lib/json.ts';
import { loadProfile } from '../contract/misc.ts';
import type { Context } from './workflow.ts';

/** How often Anki is asked which profile is open, and the milliseconds between. */
const tries = 16;
const pauseMs = 500;

/**
 * Says which profile is open after loadProfile. Anki replies before it closes the open profile, which a sync or a question
 * to the user may hold up; until then, calls reach the old profile.
 */
export async function profileReport(
  { backend, call, signal }: Context,
  params: Json,
  result: Json,
): Promise<string | undefined> {
  const { name } = loadProfile.input.parse(params);
  if (result !== true) return `Anki has no profile "${echo(name)}". getProfiles lists them.`;
  if (!backend.capabilities.hasWindows) return undefined;
  // deckNames fails while no collection is open.
  const open = () =>
    Promise.all([call('getActiveProfile', {}), call('deckNames', {})]).then(
      ([active]) => active,
      () => undefined,
    );
  let active = await open();
  for (let at = 1; at < tries && active !== name; at++) {
    await after(pauseMs, undefined, { signal });
    active = await open();
  }
  if (active === name) return `The profile "${echo(name)}" is open.`;
  const now =
    typeof active === 'string'
      ? `The profile "${echo(active)}" is still open, and calls still change it.`
      : 'No profile is open now.';
  return `${now} Anki may sync, or wait for the user to answer a question, such as whether to discard a draft in the Add window. The switch may still happen: call getActiveProfile before anything else.`;
}
