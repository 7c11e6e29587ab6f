import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { typedServerOptions } from '../../../src/cli/config.ts';
import {
  install,
  printedEntry,
  uninstall,
  type InstallOptions,
  type UninstallOptions,
} from '../../../src/cli/install/install.ts';
import type { Draft } from '../../../src/cli/install/kept-options.ts';
import type { Launch } from '../../../src/cli/install/launch.ts';
import type { System } from '../../../src/cli/system.ts';

export const key = 'k3y-of-anki';

export const launch = {
  command: '/usr/bin/node',
  args: ['/opt/ankiwright/dist/main.js', '--toolsets', 'all', '--read-only'],
  env: {},
};

export const files = {
  'claude-desktop': '.config/Claude/claude_desktop_config.json',
  'claude-code': '.claude.json',
  cursor: '.cursor/mcp.json',
  windsurf: '.codeium/windsurf/mcp_config.json',
  vscode: '.config/Code/User/mcp.json',
  codex: '.codex/config.toml',
  gemini: '.gemini/settings.json',
  zed: '.config/zed/settings.json',
  cline: '.cline/data/settings/cline_mcp_settings.json',
  'lm-studio': '.lmstudio/mcp.json',
} as const;

export type Name = keyof typeof files;

const check = (): Promise<void> => Promise.resolve();

function draftOf({ command, args, env }: Launch): Draft {
  const at = args.findIndex((arg) => arg.startsWith('--'));
  const end = at < 0 ? args.length : at;
  return { command, program: args.slice(0, end), options: typedServerOptions(args.slice(end)), env };
}

/** A simulated computer in a temporary folder. */
export class Computer {
  readonly home = mkdtempSync(join(tmpdir(), 'ankiwright-'));
  readonly system: System = { platform: 'linux', home: this.home, env: {} };
  /** The lines that were logged. */
  readonly logged: string[] = [];

  readonly log = (line: string): void => void this.logged.push(line);

  constructor() {
    onTestFinished(() => {
      for (const name of this.names()) chmodSync(join(this.home, name), 0o700);
      rmSync(this.home, { recursive: true });
    });
  }

  path(client: Name): string {
    return join(this.home, files[client]);
  }

  write(client: Name, content: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(this.path(client)), { recursive: true });
    writeFileSync(this.path(client), content);
    chmodSync(this.path(client), mode);
  }

  read(client: Name): string {
    return readFileSync(this.path(client), 'utf8');
  }

  /** Returns the paths of all files and folders, without links. */
  names(): string[] {
    return readdirSync(this.home, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => !entry.isSymbolicLink())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.home.length + 1))
      .toSorted();
  }

  /** Installs without checking that the server starts: its program does not exist. */
  install(client: string, options: Partial<Omit<InstallOptions, 'draft'>> & { launch?: Launch } = {}) {
    const { launch: typed = launch, ...others } = options;
    const all = {
      client,
      name: 'anki',
      dryRun: false,
      fresh: false,
      check,
      draft: draftOf(typed),
      ...others,
    };
    return install(all, this.system, this.log);
  }

  print(client: string, typed: Launch): Promise<string> {
    return printedEntry({ client, name: 'anki', check, draft: draftOf(typed) }, this.system, this.log);
  }

  uninstall(client: string, options: Partial<UninstallOptions> = {}): Promise<undefined> {
    const all = { client, name: 'anki', dryRun: false, ...options };
    return uninstall(all, this.system, this.log);
  }
}
