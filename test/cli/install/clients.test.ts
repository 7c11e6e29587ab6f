import { expect, test } from 'vitest';
import { clientNamed, locate } from '../../../src/cli/install/clients.ts';
import { launchOf } from '../../../src/cli/install/launch.ts';
import type { System } from '../../../src/cli/system.ts';

const linux = { platform: 'linux', home: '/home/me' } as const;
const mac = { platform: 'darwin', home: '/Users/me' } as const;
const windows = { platform: 'win32', home: 'C:\\Users\\me' } as const;
const windowsFolders = {
  APPDATA: 'D:\\Roaming',
  LOCALAPPDATA: 'D:\\Local',
};

type Machine = Omit<System, 'env'>;

test.each<[string, Machine, System['env'], string]>([
  ['claude-desktop', linux, {}, '/home/me/.config/Claude/claude_desktop_config.json'],
  ['claude-desktop', linux, { XDG_CONFIG_HOME: '/cfg' }, '/cfg/Claude/claude_desktop_config.json'],
  [
    'claude-desktop',
    linux,
    { XDG_CONFIG_HOME: 'relative' },
    '/home/me/.config/Claude/claude_desktop_config.json',
  ],
  ['claude-desktop', mac, {}, '/Users/me/Library/Application Support/Claude/claude_desktop_config.json'],
  ['claude-desktop', windows, windowsFolders, 'D:\\Roaming\\Claude\\claude_desktop_config.json'],
  ['claude-desktop', windows, {}, 'C:\\Users\\me\\AppData\\Roaming\\Claude\\claude_desktop_config.json'],
  ['claude-code', linux, {}, '/home/me/.claude.json'],
  ['claude-code', mac, { CLAUDE_CONFIG_DIR: '/Users/me/work' }, '/Users/me/work/.claude.json'],
  ['claude-code', windows, windowsFolders, 'C:\\Users\\me\\.claude.json'],
  ['claude-code', windows, { CLAUDE_CONFIG_DIR: 'E:\\c' }, 'E:\\c\\.claude.json'],
  ['cursor', linux, { XDG_CONFIG_HOME: '/cfg' }, '/home/me/.cursor/mcp.json'],
  ['cursor', mac, {}, '/Users/me/.cursor/mcp.json'],
  ['cursor', windows, windowsFolders, 'C:\\Users\\me\\.cursor\\mcp.json'],
  ['windsurf', mac, {}, '/Users/me/.codeium/windsurf/mcp_config.json'],
  ['windsurf', windows, {}, 'C:\\Users\\me\\.codeium\\windsurf\\mcp_config.json'],
  ['vscode', linux, {}, '/home/me/.config/Code/User/mcp.json'],
  ['vscode', linux, { XDG_CONFIG_HOME: '/cfg' }, '/cfg/Code/User/mcp.json'],
  ['vscode', linux, { VSCODE_PORTABLE: '/usb/data' }, '/usb/data/user-data/User/mcp.json'],
  ['vscode', linux, { VSCODE_APPDATA: '/data' }, '/data/Code/User/mcp.json'],
  ['vscode', mac, {}, '/Users/me/Library/Application Support/Code/User/mcp.json'],
  ['vscode', windows, windowsFolders, 'D:\\Roaming\\Code\\User\\mcp.json'],
  ['codex', linux, {}, '/home/me/.codex/config.toml'],
  ['codex', mac, { CODEX_HOME: '/c' }, '/c/config.toml'],
  ['codex', windows, { CODEX_HOME: '' }, 'C:\\Users\\me\\.codex\\config.toml'],
  ['gemini', linux, {}, '/home/me/.gemini/settings.json'],
  ['gemini', mac, { GEMINI_CLI_HOME: '/g' }, '/g/.gemini/settings.json'],
  ['gemini', windows, {}, 'C:\\Users\\me\\.gemini\\settings.json'],
  ['zed', linux, { XDG_CONFIG_HOME: '/cfg' }, '/cfg/zed/settings.json'],
  ['zed', mac, {}, '/Users/me/.config/zed/settings.json'],
  ['zed', windows, windowsFolders, 'D:\\Roaming\\zed\\settings.json'],
  ['cline', mac, {}, '/Users/me/.cline/data/settings/cline_mcp_settings.json'],
  ['lm-studio', windows, {}, 'C:\\Users\\me\\.lmstudio\\mcp.json'],
])('the file of %s on %o with %o is %s', (client, machine, env, file) => {
  expect(locate(clientNamed(client), { ...machine, env }, nothing).file).toBe(file);
});

test('Claude Code uses its older file if that exists', () => {
  const old = { ...nothing, exists: (path: string) => path === '/home/me/.claude/.config.json' };
  expect(locate(clientNamed('claude-code'), { ...linux, env: {} }, old).file).toBe(
    '/home/me/.claude/.config.json',
  );
  const env = { CLAUDE_CONFIG_DIR: '/c' };
  expect(locate(clientNamed('claude-code'), { ...linux, env }, old).file).toBe('/c/.claude.json');
});

const nothing = { list: () => [], exists: () => false };

test.each<[string, readonly string[], readonly string[], string]>([
  ['none', [], [], 'D:\\Roaming\\Claude'],
  ['another program', ['Claudia_1'], ['Claudia_1'], 'D:\\Roaming\\Claude'],
  ['a package never opened', ['Claude_pzs8sxrjxfjjc'], [], 'D:\\Roaming\\Claude'],
  ['a package', ['Claude_pzs8sxrjxfjjc'], ['Claude_pzs8sxrjxfjjc'], 'Claude_pzs8sxrjxfjjc'],
  ['two', ['Claude_a', 'Claude_b'], ['Claude_a', 'Claude_b', 'Claude_b with a file'], 'Claude_b'],
])('Claude Desktop from the Microsoft Store has its own folder: %s', (_name, packages, opened, expected) => {
  const folder = (name: string) => `D:\\Local\\Packages\\${name}\\LocalCache\\Roaming\\Claude`;
  const existing = opened.flatMap((name) => {
    const [id = '', file] = name.split(' with ');
    return file ? [`${folder(id)}\\claude_desktop_config.json`] : [folder(id)];
  });
  const disk = {
    list: (path: string) => (path === 'D:\\Local\\Packages' ? packages : []),
    exists: (path: string) => existing.includes(path),
  };
  const { file } = locate(clientNamed('claude-desktop'), { ...windows, env: windowsFolders }, disk);
  const expectedFolder = expected.includes('\\') ? expected : folder(expected);
  expect(file).toBe(`${expectedFolder}\\claude_desktop_config.json`);
});

test.each<[string, Machine, System['env'], string]>([
  ['claude-code', linux, {}, '/home/me/.claude'],
  ['claude-code', windows, { CLAUDE_CONFIG_DIR: 'E:\\c' }, 'E:\\c'],
  ['cursor', linux, {}, '/home/me/.cursor'],
  ['vscode', windows, windowsFolders, 'D:\\Roaming\\Code\\User'],
])('%s on %o with %o was used if %s exists', (client, machine, env, trace) => {
  expect(locate(clientNamed(client), { ...machine, env }, nothing).trace).toBe(trace);
});

const running = {
  execPath: '/usr/bin/node',
  main: '/usr/lib/node_modules/ankiwright/dist/main.js',
  version: '1.2.3',
  platform: 'linux',
  args: ['--collection', '/home/me/a b.anki2'],
  apiKey: undefined,
} as const;

test('a client starts the running program with its options', () => {
  expect(launchOf(running)).toEqual({
    command: '/usr/bin/node',
    args: ['/usr/lib/node_modules/ankiwright/dist/main.js', '--collection', '/home/me/a b.anki2'],
    env: {},
  });
});

test('the key is passed in the environment only', () => {
  const launch = launchOf({ ...running, apiKey: 'k3y' });
  expect(launch.env).toEqual({ ANKI_CONNECT_API_KEY: 'k3y' });
  expect(launch.args.join(' ')).not.toContain('k3y');
});

test.each([
  ['linux', '/home/me/.npm/_npx/5f1/node_modules/ankiwright/dist/main.js', ['npx']],
  ['darwin', '/Users/me/.npm/_npx/5f1/node_modules/ankiwright/dist/main.js', ['npx']],
  ['win32', 'C:\\npm-cache\\_npx\\5f1\\node_modules\\ankiwright\\dist\\main.js', ['cmd', '/c', 'npx']],
] as const)('a program in npx’s cache on %s is started with npx', (platform, main, start) => {
  const { command, args } = launchOf({ ...running, platform, main });
  expect([command, ...args]).toEqual([
    ...start,
    '-y',
    'ankiwright@1.2.3',
    '--collection',
    '/home/me/a b.anki2',
  ]);
});

test.each([
  ['/opt/homebrew/Cellar/node/24.1.0/bin/node', '/opt/homebrew/opt/node/bin/node'],
  [
    '/home/linuxbrew/.linuxbrew/Cellar/node@22/22.1.0_1/bin/node',
    '/home/linuxbrew/.linuxbrew/opt/node@22/bin/node',
  ],
  ['/home/me/.nvm/versions/node/v22.1.0/bin/node', '/home/me/.nvm/versions/node/v22.1.0/bin/node'],
])('%s is started as %s', (execPath, command) => {
  expect(launchOf({ ...running, execPath }).command).toBe(command);
});
