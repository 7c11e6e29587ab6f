import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isTable, type Table } from './format.ts';
import { keyVariable, type Launch } from './launch.ts';

const launchSchema = z.object({
  command: z.string(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.unknown()).default({}),
});

/** Returns the entry for this launch. Keeps what else is in the old entry, except a key that the launch does not have. */
export function entryFor(declaresStdio: boolean, { command, args, env }: Launch, previous: unknown): Table {
  const old = isTable(previous) ? previous : {};
  const { [keyVariable]: _key, ...others } = isTable(old['env']) ? old['env'] : {};
  const variables = { ...others, ...env };
  const { env: _env, ...rest } = old;
  const entry = { ...(declaresStdio ? { type: 'stdio' } : {}), ...rest, command, args: [...args] };
  const hasEnv = old['env'] !== undefined || Object.keys(variables).length > 0;
  return hasEnv ? { ...entry, env: variables } : entry;
}

/** Returns how an entry starts its server. */
export function launchIn(entry: unknown): Launch | undefined {
  const { success, data } = launchSchema.safeParse(entry);
  if (!success) return undefined;
  const env = Object.entries(data.env).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return { command: data.command, args: data.args, env: Object.fromEntries(env) };
}

/** Matches the argument after which our own options start. */
const ourProgram = /[\\/]main\.js$|(?:^|[\\/])ankiwright(?:@[^\\/]*)?$/;

/** Returns the program that Node or npx runs. */
export const programIn = ({ args }: Launch): string | undefined => args.find((arg) => ourProgram.test(arg));

/** Returns the options of the server, or undefined if another program passes them on, for example a container. */
export function optionsIn({ command, args }: Launch): readonly string[] | undefined {
  if (!/(?:^|[\\/])(?:node|npx|cmd|ankiwright)(?:\.\w+)?$/i.test(command)) return undefined;
  return args.slice(args.findIndex((arg) => ourProgram.test(arg)) + 1);
}

/** Returns true if an entry starts ankiwright: by its name, or as a program of this package in a folder of another name. */
export async function isOurs(entry: unknown): Promise<boolean> {
  const { success, data } = launchSchema.safeParse(entry);
  if (!success) return false;
  const parts = [data.command, ...data.args];
  if (parts.some((part) => /(?:^|[\\/])ankiwright(?:[@:][^\\/]*)?(?:[\\/]|\.\w+$|$)/i.test(part)))
    return true;
  const programs = await Promise.all(parts.filter((part) => /[\\/]main\.js$/.test(part)).map(isOurProgram));
  return programs.includes(true);
}

async function isOurProgram(path: string): Promise<boolean> {
  try {
    const text = await readFile(join(dirname(path), '..', 'package.json'), 'utf8');
    return z.object({ name: z.literal('ankiwright') }).safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

const hidden = '***';

/** Returns how an entry starts its server, without the values of variables and of --api-key, which may be secret. */
export function withoutSecrets(entry: unknown): Launch | undefined {
  const { success, data } = launchSchema.safeParse(entry);
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
