import { UsageError } from '../../contract/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import type { System } from '../system.ts';
import type { Format } from './format.ts';
import { json } from './json-format.ts';
import type { Launch } from './launch.ts';
import { cursorLink, lmStudioLink, vscodeLink } from './links.ts';
import { placesOf, type Disk, type Places } from './places.ts';
import { toml } from './toml-format.ts';

/** A program that starts MCP servers, and the format of its configuration. */
export interface Client {
  readonly name: string;
  readonly title: string;
  /** The user's configuration file, which is valid for all projects. */
  readonly file: (places: Places) => string;
  /** A file or folder that exists if the client was ever used; by default, the folder of the file. */
  readonly trace?: (places: Places) => string;
  readonly format: Format;
  /** Name of the setting that contains the servers. */
  readonly map: string;
  /** An entry has `type: "stdio"`. */
  readonly declaresStdio: boolean;
  /** The client accepts a limited number of tools: fewer than there are. */
  readonly fewTools?: true;
  /** Returns a link that adds the server when the user opens it. */
  readonly link?: (name: string, launch: Launch) => string;
  /** What the user has to do before the client uses a changed configuration. */
  readonly next: string;
}

const mcpServers = 'mcpServers';

/** All clients. The names in --help, in the error messages and in README are derived from this. */
export const clients: readonly Client[] = [
  {
    name: 'claude-desktop',
    title: 'Claude Desktop',
    file: ({ packagedClaude, settings, join }) =>
      join(packagedClaude ?? join(settings, 'Claude'), 'claude_desktop_config.json'),
    format: json(),
    map: mcpServers,
    declaresStdio: false,
    next: 'Quit Claude Desktop (closing its window is not enough) and open it again.',
  },
  {
    name: 'claude-code',
    title: 'Claude Code',
    file: ({ variable, home, join, exists }) => {
      const folder = variable('CLAUDE_CONFIG_DIR');
      const old = join(folder ?? join(home, '.claude'), '.config.json'); // used instead if it exists
      return exists(old) ? old : join(folder ?? home, '.claude.json');
    },
    trace: ({ variable, home, join }) => variable('CLAUDE_CONFIG_DIR') ?? join(home, '.claude'),
    format: json(),
    map: mcpServers,
    declaresStdio: true,
    next: 'Restart Claude Code. A running one may have overwritten the file: /mcp shows whether the server is in it.',
  },
  {
    name: 'cursor',
    title: 'Cursor',
    file: ({ home, join }) => join(home, '.cursor', 'mcp.json'),
    format: json({ comments: true, trailingCommas: true }),
    map: mcpServers,
    declaresStdio: true,
    fewTools: true,
    link: cursorLink,
    next: 'Restart Cursor. If the server is off in its settings, turn it on.',
  },
  {
    name: 'windsurf',
    title: 'Windsurf',
    file: ({ home, join }) => join(home, '.codeium', 'windsurf', 'mcp_config.json'),
    format: json(),
    map: mcpServers,
    declaresStdio: false,
    fewTools: true,
    next: 'Restart Windsurf, or refresh the servers in its MCP settings.',
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
    declaresStdio: true,
    fewTools: true,
    link: vscodeLink,
    next: 'Start it in VS Code with the command "MCP: List Servers". Profiles other than the default have their own files: "MCP: Open User Configuration".',
  },
  {
    name: 'codex',
    title: 'Codex',
    file: ({ variable, home, join }) => join(variable('CODEX_HOME') ?? join(home, '.codex'), 'config.toml'),
    format: toml,
    map: 'mcp_servers',
    declaresStdio: false,
    next: 'Restart Codex; /mcp shows the server.',
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    file: ({ variable, home, join }) => join(variable('GEMINI_CLI_HOME') ?? home, '.gemini', 'settings.json'),
    format: json({ comments: true }),
    map: mcpServers,
    declaresStdio: false,
    next: 'Restart Gemini CLI; /mcp shows the server, in folders that you trust.',
  },
  {
    name: 'zed',
    title: 'Zed',
    file: ({ config, join }) => join(config, 'zed', 'settings.json'),
    format: json({ comments: true, trailingCommas: true }),
    map: 'context_servers',
    declaresStdio: false,
    next: 'The settings of the Agent Panel in Zed show whether the server runs.',
  },
  {
    name: 'cline',
    title: 'Cline',
    file: ({ home, join }) => join(home, '.cline', 'data', 'settings', 'cline_mcp_settings.json'),
    format: json(),
    map: mcpServers,
    declaresStdio: false,
    next: 'Restart Cline, or turn the server on in its list of MCP servers.',
  },
  {
    name: 'lm-studio',
    title: 'LM Studio',
    file: ({ home, join }) => join(home, '.lmstudio', 'mcp.json'),
    format: json(),
    map: mcpServers,
    declaresStdio: false,
    link: lmStudioLink,
    next: 'Turn the server on in LM Studio (Program > Integrations).',
  },
];

/** Clients whose entry is printed, but not written: their configuration has a form of its own. */
export const printedOnly: readonly string[] = ['opencode', 'goose'];

/** Returns the client of this name. Throws `UsageError` if there is none. */
export function clientNamed(name: string, command: 'install' | 'uninstall' = 'install'): Client {
  const names = clients.map((client) => client.name);
  const found = clients.find((client) => client.name === name);
  if (found) return found;
  if (printedOnly.includes(name)) {
    const next =
      command === 'install'
        ? `"ankiwright install ${name} --print" prints the entry`
        : 'Remove the entry there by hand';
    throw new UsageError(`ankiwright does not change the configuration of ${name}. ${next}`);
  }
  const longer = names.filter((known) => known.startsWith(`${name}-`));
  const similar = longer.length > 0 ? longer.join(' or ') : nearest(name, names);
  const problem = name === '' ? 'the client is missing' : `unknown client "${name}"`;
  const other =
    command === 'install' && name !== ''
      ? ` For another client, "ankiwright install --print" prints the entry.`
      : '';
  const hint = similar === undefined ? other : ` Did you mean ${similar}?`;
  throw new UsageError(`${problem}. The clients are ${names.join(', ')}.${hint}`);
}

/** Returns the client's configuration file, and the file or folder that exists if the client was ever used. */
export function locate(client: Client, system: System, disk?: Disk): { file: string; trace: string } {
  const places = placesOf(system, disk);
  const file = client.file(places);
  return { file, trace: client.trace?.(places) ?? places.join(file, '..') };
}
