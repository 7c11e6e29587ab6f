import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../contract/errors.ts';
import type { System } from '../system.ts';
import { clientNamed, clients, locate, type Client } from './clients.ts';

interface Choice {
  readonly client: string | undefined;
  readonly all: boolean;
}

/** Asks a question on the terminal. Undefined if the input has ended. */
type Ask = (question: string) => Promise<string | undefined>;

/** Returns the clients to install for: the named one, or those that the user chooses from the ones on this computer. */
export async function chooseClients(
  { client, all }: Choice,
  system: System,
  ask = terminal(),
): Promise<readonly Client[]> {
  if (client !== undefined && all) throw new UsageError('--all has no effect with the name of a client');
  if (client !== undefined) return [clientNamed(client)];
  const found = clients.filter((each) => isUsed(each, system));
  if (found.length === 0) {
    throw new UsageError(
      `no client was found on this computer. Name one: ankiwright install CLIENT (${namesOf(clients)}), or print the entry for another one: ankiwright install --print`,
    );
  }
  if (all) return found;
  if (ask !== undefined) return askFor(found, ask);
  throw new UsageError(
    `the client is missing. On this computer there are ${namesOf(found)}. Type "ankiwright install ${found[0]?.name}", or "ankiwright install --all" for all of them`,
  );
}

/** Returns true if the client was ever used on this computer. */
function isUsed(client: Client, system: System): boolean {
  const { file, trace } = locate(client, system);
  return existsSync(file) || existsSync(trace);
}

const namesOf = (some: readonly Client[]): string => some.map(({ name }) => name).join(', ');

async function askFor(found: readonly Client[], ask: Ask): Promise<readonly Client[]> {
  const list = found.map(({ title }, index) => `  ${index + 1}  ${title}\n`).join('');
  let question = `Add Anki to which client?\n${list}Numbers, such as 1,2, or Enter for all: `;
  for (;;) {
    const answer = await ask(question);
    if (answer === undefined) throw new UsageError('no client was chosen');
    const words = answer.split(/[\s,]+/).filter(Boolean);
    if (words.length === 0) return found;
    const chosen = words.map((word) =>
      found.find(({ name }, index) => word === `${index + 1}` || word === name),
    );
    const known = chosen.filter((each) => each !== undefined);
    if (known.length === chosen.length) return [...new Set(known)];
    question = `Type numbers from 1 to ${found.length}: `;
  }
}

/** Returns how to ask the user, or undefined if no person sits at a terminal. */
function terminal(): Ask | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question) => {
    const input = createInterface({ input: process.stdin, output: process.stderr });
    const ended = new Promise<undefined>((resolve) => input.once('close', () => resolve(undefined)));
    try {
      return await Promise.race([input.question(question), ended]);
    } finally {
      input.close();
    }
  };
}
