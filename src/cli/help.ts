import { clients } from './install/clients.ts';
import { commandLabels, flagOf, optionTable, type CommandName, type Option } from './options.ts';

/** Returns two aligned columns, indented. */
function columns(rows: readonly (readonly [string, string])[], indent: string): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `${indent}${left.padEnd(width)}${right}`);
}

const usage: readonly (readonly [command: string, help: string])[] = [
  ['ankiwright [OPTIONS]', 'MCP over stdio, for Claude, Cursor, VS Code and others'],
  ['ankiwright --http [OPTIONS]', 'MCP over HTTP'],
  ['ankiwright serve [OPTIONS]', "Anki-Connect's HTTP API on a collection, without the desktop"],
  ['ankiwright sync [OPTIONS]', 'syncs a collection once, and ends'],
  [
    'ankiwright grants [revoke ID|all] [OPTIONS]',
    'lists the clients that have logged in, or ends their access',
  ],
  ['ankiwright setup [OPTIONS]', "installs Anki's engine before its first use"],
  [
    'ankiwright install [CLIENT] [OPTIONS]',
    "adds the server, with these options, to a client's configuration",
  ],
  ['ankiwright uninstall CLIENT [OPTIONS]', "removes the server from a client's configuration"],
  ['ankiwright doctor [OPTIONS]', 'finds problems and says how to solve them'],
];

const optionRow = ([name, option]: readonly [string, Option]): [string, string] => [
  flagOf([name, option]),
  `${option.help}${option.env === undefined ? '' : ` [${option.env}]`}`,
];

/** Returns the text that --help prints, of one command or of all: options are grouped by the commands that accept them. */
export function help(command: CommandName = 'mcp'): string {
  const shown =
    command === 'mcp' ? optionTable : optionTable.filter(([, option]) => option.for.includes(command));
  const groups = [...new Set(shown.map(([, option]) => commandLabels(option.for)))];
  const rows = columns(shown.map(optionRow), '  ');
  return [
    'ankiwright: an MCP server for Anki',
    '',
    'Usage:',
    ...columns(usage, '  '),
    '',
    `CLIENT is one of ${clients.map(({ name }) => name).join(', ')}.`,
    ...groups.flatMap((group) => [
      '',
      `Options of ${group}:`,
      ...rows.filter((_, index) => commandLabels(shown[index]?.[1].for ?? []) === group),
    ]),
    '',
  ].join('\n');
}

/** Returns the table of options in the documentation. */
export const optionsMarkdown = (): string =>
  [
    '| option | environment | commands | |',
    '|---|---|---|---|',
    ...optionTable.map(([name, option]) => {
      const { env, help: text, for: commands } = option;
      return `| \`${flagOf([name, option])}\` | ${env === undefined ? '' : `\`${env}\``} | ${commandLabels(commands)} | ${text} |`;
    }),
  ].join('\n');

/** Returns the list of clients in README. */
export function clientsMarkdown(): string {
  const names = clients.map(({ name }) => `\`${name}\``);
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
