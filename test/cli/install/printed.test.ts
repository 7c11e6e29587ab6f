import { expect, test } from 'vitest';
import { Computer, key, launch } from './computer.ts';

const plain = { command: launch.command, args: launch.args };
const withKey = { ...launch, env: { ANKI_CONNECT_API_KEY: key } };

test.each(['', 'emacs', 'my-own-client'])('--print prints the usual form for "%s"', async (client) => {
  const computer = new Computer();
  expect(JSON.parse(await computer.print(client, launch))).toEqual({ mcpServers: { anki: plain } });
  expect(computer.logged.join()).toMatch(/Most clients accept this form/);
  expect(computer.names()).toEqual([]);
});

test('--print refuses a misspelt client', async () => {
  await expect(new Computer().print('windsrf', launch)).rejects.toThrow('Did you mean windsurf?');
});

test('--print prints the form of opencode', async () => {
  const computer = new Computer();
  expect(JSON.parse(await computer.print('opencode', withKey))).toEqual({
    mcp: {
      anki: {
        type: 'local',
        command: [launch.command, ...launch.args],
        enabled: true,
        environment: { ANKI_CONNECT_API_KEY: '***' },
      },
    },
  });
  expect(computer.logged.join()).toMatch(/\.config\/opencode\/opencode\.json\. Replace \*\*\*/);
});

test('--print prints the form of Goose', async () => {
  const computer = new Computer();
  const text = await computer.print('goose', launch);
  expect(text).toMatch(/^extensions:\n {2}anki:\n {4}enabled: true\n {4}type: stdio\n/);
  expect(text).toContain(`cmd: "${launch.command}"\n    args: ${JSON.stringify(launch.args)}\n`);
  expect(computer.logged.join()).toContain('.config/goose/config.yaml');
});

test('a client that is only printed is not changed', async () => {
  await expect(new Computer().install('opencode')).rejects.toThrow(/install opencode --print/);
});

test('--print shows a link for Cursor, VS Code and LM Studio, unless a key would be in it', async () => {
  const decoded = {
    cursor: (link: string) =>
      JSON.parse(Buffer.from(new URL(link).searchParams.get('config') ?? '', 'base64').toString()),
    vscode: (link: string) => JSON.parse(decodeURIComponent(link.replace('vscode:mcp/install?', ''))),
    'lm-studio': (link: string) =>
      JSON.parse(Buffer.from(new URL(link).searchParams.get('config') ?? '', 'base64').toString()),
  };
  for (const [client, decode] of Object.entries(decoded)) {
    const computer = new Computer();
    await computer.print(client, launch);
    const [, link = ''] = /Or open this link: (\S+)/.exec(computer.logged.join('\n')) ?? [];
    expect(decode(link)).toMatchObject(plain);
    const other = new Computer();
    await other.print(client, withKey);
    expect(other.logged.join()).not.toContain('link');
  }
});
