import { own } from '../../lib/json.ts';
import { nearest } from '../../lib/nearest.ts';
import { clientNamed, clients, printedOnly, type Client } from './clients.ts';
import { json } from './json-format.ts';
import type { Launch } from './launch.ts';
import type { Places } from './places.ts';

/** How the entry of a client is printed. */
export interface Printer {
  /** Says where the entry belongs. */
  readonly where: (places: Places) => string;
  readonly print: (name: string, launch: Launch) => string;
}

const generic: Pick<Client, 'format' | 'map'> = { format: json(), map: 'mcpServers' };

const genericPrinter: Printer = {
  where: () => "Add this to the client's configuration of MCP servers. Most clients accept this form.",
  print: (name, { command, args, env }) =>
    generic.format.printEntry(
      { map: generic.map, name },
      { command, args: [...args], ...(Object.keys(env).length > 0 ? { env } : {}) },
    ),
};

const printers: Readonly<Record<(typeof printedOnly)[number], Printer>> = {
  opencode: {
    where: ({ home, join }) => `Add this to ${join(home, '.config', 'opencode', 'opencode.json')}.`,
    print: (name, { command, args, env }) => {
      const environment = Object.keys(env).length > 0 ? { environment: env } : {};
      const entry = { type: 'local', command: [command, ...args], enabled: true, ...environment };
      return JSON.stringify({ mcp: { [name]: entry } }, null, 2);
    },
  },
  goose: {
    where: ({ config, home, join }) =>
      `Add this to ${config.startsWith(join(home, '.config')) ? join(config, 'goose', 'config.yaml') : join(config, 'Block', 'goose', 'config', 'config.yaml')}.`,
    // JSON strings, lists and maps are valid YAML.
    print: (name, { command, args, env }) =>
      [
        'extensions:',
        `  ${name}:`,
        '    enabled: true',
        '    type: stdio',
        `    name: ${name}`,
        `    cmd: ${JSON.stringify(command)}`,
        `    args: ${JSON.stringify(args)}`,
        `    envs: ${JSON.stringify(env)}`,
        '    timeout: 300',
      ].join('\n'),
  },
};

/** Returns how to print the entry of a client that ankiwright does not configure itself; undefined if it does. Throws `UsageError` for a misspelt one. */
export function printerFor(client: string): Printer | undefined {
  if (client === '') return genericPrinter;
  if (clients.some(({ name }) => name === client)) return undefined;
  const special = own(printers, client);
  if (special !== undefined) return special;
  if (nearest(client, [...clients.map(({ name }) => name), ...printedOnly]) !== undefined)
    clientNamed(client);
  return genericPrinter;
}
