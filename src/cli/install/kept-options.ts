import { UsageError } from '../../contract/errors.ts';
import { messageOf } from '../../lib/error.ts';
import { readConfig, typedServerOptions, type ServerOptions } from '../config.ts';
import { needs, optionTable } from '../options.ts';
import { launchIn, optionsIn } from './entry.ts';
import { isTable } from './format.ts';
import { keyVariable, type Launch } from './launch.ts';
import { Refused } from './refused.ts';

/** What a client starts, before its options are known to be complete. */
export interface Draft extends Omit<Launch, 'args'> {
  /** The arguments before the options. */
  readonly program: readonly string[];
  readonly options: ServerOptions;
}

export const launchFrom = ({ command, program, options, env }: Draft): Launch => ({
  command,
  args: [...program, ...optionTable.flatMap(([name]) => options.get(name) ?? [])],
  env,
});

/** Returns the draft with the options and the key of the present entry that it does not set itself. Throws `Refused`. */
export function withKeptOptions(draft: Draft, before: unknown): Draft {
  const old = launchIn(before);
  const args = old && optionsIn(old);
  if (old === undefined || args === undefined) return draft;
  try {
    const present = new Map(typedServerOptions(args));
    if (keyVariable in draft.env) present.delete('api-key-file');
    const options = merged(present, draft.options);
    return { ...draft, options, env: { ...keptKey(old, args, draft.options), ...draft.env } };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new Refused(
      `The options of the present entry cannot be kept: ${messageOf(error)}. Correct them in the file, or install with --fresh to write only the options that you type. Nothing was changed.`,
      { cause: error },
    );
  }
}

/** Returns an entry without the variables that set options. */
export function withoutOptionVariables(entry: unknown): unknown {
  if (!isTable(entry) || !isTable(entry['env'])) return entry;
  const variables = new Set(optionTable.map(([, { env }]) => env));
  return {
    ...entry,
    env: Object.fromEntries(Object.entries(entry['env']).filter(([name]) => !variables.has(name))),
  };
}

function keptKey({ env }: Launch, args: readonly string[], typed: ServerOptions): Launch['env'] {
  const { 'api-key': key } = readConfig(args, env);
  return key === undefined || typed.has('api-key-file') ? {} : { [keyVariable]: key };
}

/** Returns the typed options and those old ones that still have an effect. */
function merged(old: ServerOptions, typed: ServerOptions): ServerOptions {
  const needOf = (name: string) => optionTable.find(([key]) => key === name)?.[1].needs;
  const leavesCollection =
    !typed.has('collection') &&
    [...typed.keys()].some((name) => name === 'profile' || needOf(name) === 'desktop');
  const kept = [...old].filter(([name]) => !typed.has(name) && !(name === 'collection' && leavesCollection));
  const all = new Map([...kept, ...typed]);
  const chosen = { collection: all.get('collection'), profile: all.get('profile') };
  const hasEffect = (name: string): boolean => {
    const need = needOf(name);
    return need === undefined || typed.has(name) || needs[need].isChosen(chosen);
  };
  return new Map([...all].filter(([name]) => hasEffect(name)));
}
