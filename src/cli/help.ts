import { optionTable } from './options.ts';

const flagOf = (name: string, value: string | undefined): string =>
  `--${name}${value === undefined ? '' : ` ${value}`}`;

/** What --help prints. */
export function help(): string {
  const rows = optionTable.map(([name, { value, help: says, env }]): [string, string] => [
    flagOf(name, value),
    `${says}${env === undefined ? '' : ` [${env}]`}`,
  ]);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return [
    'ankiwright: an MCP server for Anki',
    '',
    'Usage: ankiwright [OPTIONS]                    MCP over stdio, for Claude, Cursor, VS Code and others',
    '       ankiwright --http [OPTIONS]             MCP over HTTP',
    '       ankiwright serve [OPTIONS]              the Anki-Connect HTTP API on a collection, without the desktop',
    "       ankiwright setup                        install Anki's engine ahead of its first use",
    "       ankiwright install CLIENT [OPTIONS]     put it, with these options, into a client's configuration:",
    '                                               claude-desktop, claude-code, cursor, vscode, codex or gemini',
    '       ankiwright uninstall CLIENT             take it out again',
    '       ankiwright doctor [OPTIONS]             say what is wrong, and what to do',
    '',
    ...rows.map(([flag, says]) => `  ${flag.padEnd(width)}${says}`),
    '',
  ].join('\n');
}

/** README's table of options. */
export const optionsMarkdown = (): string =>
  [
    '| option | environment | |',
    '|---|---|---|',
    ...optionTable.map(
      ([name, { value, env, help: says }]) =>
        `| \`${flagOf(name, value)}\` | ${env === undefined ? '' : `\`${env}\``} | ${says} |`,
    ),
  ].join('\n');
