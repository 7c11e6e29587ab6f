import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { panelExtension, panelMimeType } from '../../src/contract/panels/index.ts';
import { chooseTools } from '../../src/tools/toolsets.ts';
import { manifest } from '../../src/tools/manifest.ts';
import { panels } from '../../packaging/panels.js';
import { Assistant } from '../support/assistant.ts';
import { backendDouble } from '../support/backend-double.ts';
import { panelClient } from '../support/panel-host/client.ts';

const noAnki = backendDouble(async (name) => {
  throw new Error(`${name} was sent to Anki`);
});

const connect = (client?: Client) => Assistant.of(noAnki, {}, client);
const listOf = async (assistant: Assistant) => (await assistant.client.listTools()).tools;

test('only a client that shows panels sees and calls the tools of panels', async () => {
  const [plain, withPanels] = [await connect(), await connect(panelClient())];
  const [forPlain, forPanels] = [await listOf(plain), await listOf(withPanels)];
  const extra = forPanels.filter(({ name }) => !forPlain.some((tool) => tool.name === name));
  expect(extra.map(({ name, _meta }) => [name, _meta])).toEqual([
    ['occlusionPanel', { ui: { visibility: ['app'] } }],
    ['overviewPanel', { ui: { visibility: ['app'] } }],
    ['reviewPanel', { ui: { visibility: ['app'] } }],
    ['studyPanel', { ui: { visibility: ['app'] } }],
  ]);
  expect((await plain.call('studyPanel', { action: 'show' })).text).toContain('does not exist');
  expect((await withPanels.call('studyPanel', { action: 'show' })).text).toContain('session is over');
});

test('a client with another type of panels gets none', async () => {
  const extensions = { [panelExtension]: { mimeTypes: ['text/uri-list'] } };
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { extensions } });
  const names = (await listOf(await connect(client))).map(({ name }) => name);
  expect(names).not.toContain('studyPanel');
});

test('for a client without panels, the list of tools grows by less than 2 kB', async () => {
  const tools = await listOf(await connect());
  const added = tools.flatMap(({ _meta }) => (_meta ? [JSON.stringify({ _meta })] : []));
  expect(added.length).toBeGreaterThan(0);
  expect(added.join('').length).toBeLessThan(2_000);
});

test('the model cannot reach a tool of a panel through runAction', async () => {
  const assistant = await connect(panelClient());
  const answer = await assistant.call('runAction', { action: 'studyPanel', params: { action: 'show' } });
  expect(answer.text).toContain('does not exist');
});

test('a panel is one HTML text of at most 30 kB that loads nothing, at the URI that its tool names', async () => {
  const assistant = await connect();
  const uris = (await listOf(assistant)).flatMap(({ _meta }) => Object(_meta?.['ui'])['resourceUri'] ?? []);
  const distinct = new Set(uris);
  expect(distinct.size).toBe(Object.keys(await panels()).length);
  for (const uri of distinct) {
    const { contents } = await assistant.client.readResource({ uri });
    expect(contents).toHaveLength(1);
    const { mimeType, _meta, text } = z
      .object({ mimeType: z.string(), _meta: z.unknown(), text: z.string() })
      .parse(contents[0]);
    expect({ mimeType, _meta }).toEqual({ mimeType: panelMimeType, _meta: { ui: { prefersBorder: true } } });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(30_000);
    expect(text).not.toMatch(/https?:\/\/(?!www\.w3\.org)\w|\beval\(|new Function|<link|@import/);
  }
});

test('a panel of an earlier version is still served, and an unknown one is refused', async () => {
  const { client } = await connect();
  const { contents } = await client.readResource({ uri: 'ui://ankiwright/study-00000000.html' });
  expect(contents).toHaveLength(1);
  for (const uri of ['ui://ankiwright/other-00000000.html', 'ui://else/study-00000000.html', 'ui://'])
    await expect(client.readResource({ uri })).rejects.toThrow('does not exist');
});

test('a tool of a panel is offered only together with a tool that shows the panel', () => {
  const namesOf = (choice: object) => {
    const { offered, allowed } = chooseTools(manifest(), {}, { readOnly: false, ...choice });
    return [offered, allowed].map((tools) => tools.some(({ name }) => name === 'studyPanel'));
  };
  expect(namesOf({})).toEqual([true, true]);
  expect(namesOf({ tools: ['study'] })).toEqual([true, true]);
  expect(namesOf({ tools: ['overview', 'runAction'] })).toEqual([false, false]);
  expect(namesOf({ exclude: ['study'] })).toEqual([false, false]);
  expect(namesOf({ readOnly: true })).toEqual([false, false]);
});
