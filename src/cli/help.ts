import { clients } from './install/clients.ts';
import { commandLabels, flagOf, options, optionTable, type CommandName, type Option } from './options.ts';

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
  ['ankiwright install [CLIENT] [OPTIONS]', 'adds the server to a client, with these options'],
  ['ankiwright uninstall CLIENT [OPTIONS]', 'removes the server from a client'],
  ['ankiwright doctor [OPTIONS]', 'finds problems and says how to solve them'],
];

/** The options that most people need. */
const mostUsed: readonly (readonly [keyof typeof options, help: string])[] = [
  ['profile', "work on this profile, also while Anki is closed (with Anki's own engine)"],
  ['collection', "work on this collection file with Anki's own engine, without Anki"],
  ['url', 'the address of Anki-Connect, if it is not the usual one'],
  ['api-key-file', "a file with Anki-Connect's key, if it has one"],
  ['read-only', 'offer no tool that can change anything'],
  ['toolsets', 'offer fewer tools, for example: core'],
];

const more: readonly (readonly [command: string, help: string])[] = [
  ['ankiwright COMMAND --help', 'the options of one command'],
  ['ankiwright help options', 'all options, with their environment variables'],
];

/** Returns the text that --help prints without a command: what most people need, and where the rest is. */
export const overview = (): string =>
  [
    'ankiwright: an MCP server for Anki',
    '',
    'Start:',
    ...columns(
      [
        ['ankiwright install', 'adds the server to Claude, Cursor, VS Code or another client'],
        ['ankiwright doctor', 'finds problems and says how to solve them'],
      ],
      '  ',
    ),
    '',
    'Usage:',
    ...columns(usage, '  '),
    '',
    'The most used options, for install and without a command:',
    ...columns(
      mostUsed.map(([name, text]) => [flagOf([name, options[name]]), text]),
      '  ',
    ),
    '',
    'More:',
    ...columns(more, '  '),
    '',
  ].join('\n');

const optionRow = ([name, option]: readonly [string, Option]): [string, string] => [
  flagOf([name, option]),
  `${option.help}${option.env === undefined ? '' : ` [${option.env}]`}`,
];

/** Returns the text that --help prints for one command, or for all with `help options`: options are grouped by the commands that accept them. */
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
