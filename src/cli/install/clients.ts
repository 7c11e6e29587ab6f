import { UsageError } from '../../contract/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import type { System } from '../system.ts';
import type { Format } from './format.ts';
import { json } from './json-format.ts';
import { placesOf, type Disk, type Places } from './places.ts';
import { toml } from './toml-format.ts';

/** A program that starts MCP servers, and how it is told of them. */
export interface Client {
  readonly name: string;
  readonly title: string;
  /** The user's own configuration, which holds for all projects. */
  readonly file: (places: Places) => string;
  /** What is there once the client was used; the file's folder otherwise. */
  readonly trace?: (places: Places) => string;
  readonly format: Format;
  /** What the map of servers is called. */
  readonly map: string;
  /** Whether an entry says that it is about stdio. */
  readonly typed: boolean;
  /** What to do for it to see a change. */
  readonly next: string;
}

const mcpServers = 'mcpServers';

export const clients: readonly Client[] = [
  {
    name: 'claude-desktop',
    title: 'Claude Desktop',
    file: ({ packaged, settings, join }) =>
      join(packaged ?? join(settings, 'Claude'), 'claude_desktop_config.json'),
    format: json(),
    map: mcpServers,
    typed: false,
    next: 'Quit Claude Desktop (closing its window is not enough) and open it again.',
  },
  {
    name: 'claude-code',
    title: 'Claude Code',
    file: ({ variable, home, join, has }) => {
      const folder = variable('CLAUDE_CONFIG_DIR');
      const old = join(folder ?? join(home, '.claude'), '.config.json'); // which it goes on with where it is
      return has(old) ? old : join(folder ?? home, '.claude.json');
    },
    trace: ({ variable, home, join }) => variable('CLAUDE_CONFIG_DIR') ?? join(home, '.claude'),
    format: json(),
    map: mcpServers,
    typed: true,
    next: 'Restart Claude Code. One that runs may have written the file anew from its memory: /mcp shows whether it did.',
  },
  {
    name: 'cursor',
    title: 'Cursor',
    file: ({ home, join }) => join(home, '.cursor', 'mcp.json'),
    format: json({ comments: true, trailingCommas: true }),
    map: mcpServers,
    typed: true,
    next: 'Restart Cursor, and switch the server on in its settings if it is off there.',
  },
  {
    name: 'vscode',
    title: 'VS Code',
    file: ({ variable, settings, join }) => {
      const portable = variable('VSCODE_PORTABLE');
      const data = portable
        ? join(portable, 'user-data')
        : join(variable('VSCODE_APPDATA') ?? settings, 'Code');
      return join(data, 'User', 'mcp.json');
    },
    format: json({ comments: true, trailingCommas: true }),
    map: 'servers',
    typed: true,
    next: 'Start it in VS Code with the command "MCP: List Servers". Profiles other than the default have files of their own: "MCP: Open User Configuration".',
  },
  {
    name: 'codex',
    title: 'Codex',
    file: ({ variable, home, join }) => join(variable('CODEX_HOME') ?? join(home, '.codex'), 'config.toml'),
    format: toml,
    map: 'mcp_servers',
    typed: false,
    next: 'Restart Codex; /mcp shows the server.',
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    file: ({ variable, home, join }) => join(variable('GEMINI_CLI_HOME') ?? home, '.gemini', 'settings.json'),
    format: json({ comments: true }),
    map: mcpServers,
    typed: false,
    next: 'Restart Gemini CLI; /mcp shows the server, in folders that you trust.',
  },
];

/** The client of this name. */
export function clientNamed(name: string): Client {
  const names = clients.map((client) => client.name);
  const found = clients.find((client) => client.name === name);
  if (found) return found;
  const near = nearest(name, names);
  const what = name === '' ? 'no client is named' : `unknown client "${name}"`;
  throw new UsageError(`${what}: there are ${names.join(', ')}${near ? `; did you mean ${near}?` : ''}`);
}

/** The client's file, and what shows that the client was used. */
export function locate(client: Client, system: System, disk?: Disk): { file: string; trace: string } {
  const places = placesOf(system, disk);
  const file = client.file(places);
  return { file, trace: client.trace?.(places) ?? places.join(file, '..') };
}
