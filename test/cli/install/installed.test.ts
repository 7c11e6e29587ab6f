import { expect, test } from 'vitest';
import { installedIn } from '../../../src/cli/install/installed.ts';
import { Computer, key, launch } from './computer.ts';
import { claudeCode, codex } from './configurations.ts';

test('every client is reported, with what it starts', async () => {
  const computer = new Computer();
  computer.write('claude-code', claudeCode);
  await computer.install('claude-code', { launch: { ...launch, env: { ANKI_CONNECT_API_KEY: key } } });
  computer.write('codex', codex);
  await computer.install('codex', {
    name: 'cards',
    launch: { ...launch, args: ['ankiwright', '--read-only'] },
  });
  computer.write('cursor', '{"mcpServers": {"anki": {"command": "other"}}}');
  computer.write('vscode', `{"servers": "${key}`);
  computer.write('gemini', '{}');

  const found = await installedIn(computer.system);
  expect(found).toEqual([
    { client: 'claude-desktop', path: computer.path('claude-desktop'), state: 'absent' },
    {
      client: 'claude-code',
      path: computer.path('claude-code'),
      state: 'with',
      name: 'anki',
      launch: { ...launch, env: { ANKI_CONNECT_API_KEY: key } },
    },
    { client: 'cursor', path: computer.path('cursor'), state: 'without' },
    { client: 'windsurf', path: computer.path('windsurf'), state: 'absent' },
    {
      client: 'vscode',
      path: computer.path('vscode'),
      state: 'unreadable',
      reason: 'line 1 is not JSON: unexpected end of string',
    },
    {
      client: 'codex',
      path: computer.path('codex'),
      state: 'with',
      name: 'cards',
      launch: { command: launch.command, args: ['ankiwright', '--read-only'], env: {} },
    },
    { client: 'gemini', path: computer.path('gemini'), state: 'without' },
    { client: 'zed', path: computer.path('zed'), state: 'absent' },
    { client: 'cline', path: computer.path('cline'), state: 'absent' },
    { client: 'lm-studio', path: computer.path('lm-studio'), state: 'absent' },
  ]);
});
