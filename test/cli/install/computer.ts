import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  install,
  uninstall,
  type InstallOptions,
  type UninstallOptions,
} from '../../../src/cli/install/install.ts';
import type { System } from '../../../src/cli/system.ts';

export const key = 'k3y-of-anki';

export const launch = {
  command: '/usr/bin/node',
  args: ['/opt/ankiwright/dist/main.js', '--read-only'],
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
} as const;

export type Name = keyof typeof files;

/** A simulated computer in a temporary folder. */
export class Computer {
  readonly home = mkdtempSync(join(tmpdir(), 'ankiwright-'));
  readonly system: System = { platform: 'linux', home: this.home, env: {} };
  /** The lines that were logged. */
  readonly logged: string[] = [];

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

  install(client: string, options: Partial<InstallOptions> = {}): Promise<string | undefined> {
    const all = { client, name: 'anki', dryRun: false, print: false, launch, choosesTools: true, ...options };
    return install(all, this.system, (line) => this.logged.push(line));
  }

  uninstall(client: string, options: Partial<UninstallOptions> = {}): Promise<undefined> {
    const all = { client, name: 'anki', dryRun: false, ...options };
    return uninstall(all, this.system, (line) => this.logged.push(line));
  }
}
