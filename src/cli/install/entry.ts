import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isTable, type Table } from './format.ts';
import { keyVariable, type Launch } from './launch.ts';

const startable = z.object({
  command: z.string(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.unknown()).default({}),
});

/** A server's entry with this launch. What else a user wrote in it stays, but a key that is not given again. */
export function entryFor(typed: boolean, { command, args, env }: Launch, there: unknown): Table {
  const old = isTable(there) ? there : {};
  const { [keyVariable]: _key, ...others } = isTable(old['env']) ? old['env'] : {};
  const variables = { ...others, ...env };
  const { env: _env, ...rest } = old;
  const entry = { ...(typed ? { type: 'stdio' } : {}), ...rest, command, args: [...args] };
  const needed = old['env'] !== undefined || Object.keys(variables).length > 0;
  return needed ? { ...entry, env: variables } : entry;
}

/** Whether an entry starts ankiwright: by its name, or as a program of this package in a folder of another name. */
export async function isOurs(entry: unknown): Promise<boolean> {
  const { success, data } = startable.safeParse(entry);
  if (!success) return false;
  const words = [data.command, ...data.args];
  if (words.some((word) => /(?:^|[\\/])ankiwright(?:[@:][^\\/]*)?(?:[\\/]|\.\w+$|$)/i.test(word)))
    return true;
  const programs = await Promise.all(words.filter((word) => /[\\/]main\.js$/.test(word)).map(isProgram));
  return programs.includes(true);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    const text = await readFile(join(dirname(path), '..', 'package.json'), 'utf8');
    return z.object({ name: z.literal('ankiwright') }).safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

const hidden = '***';

/** How an entry starts its server, fit to be shown: variables may hold secrets, and the option for the key does. */
export function shown(entry: unknown): Launch | undefined {
  const { success, data } = startable.safeParse(entry);
  if (!success) return undefined;
  const args = data.args.map((arg, index) =>
    data.args[index - 1] === '--api-key' ? hidden : arg.replace(/^(--api-key=).*/s, `$1${hidden}`),
  );
  return {
    command: data.command,
    args,
    env: Object.fromEntries(Object.keys(data.env).map((name) => [name, hidden])),
  };
}
