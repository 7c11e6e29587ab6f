import { join } from 'node:path';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, test } from 'vitest';
import { dist } from '../support/built-server.ts';
import { panelClient } from '../support/panel-host/client.ts';
import { startHost } from '../support/panel-host/host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('the built server serves its panel over stdio', async () => {
  const client = panelClient();
  const collection = join(temporaryFolder(), 'collection.anki2');
  const args = [`${dist}/main.js`, '--collection', collection];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  const fields = { Front: 'front', Back: 'The sum is \\(1+1\\)' };
  const notes = { deckName: 'Sums', modelName: 'Basic', notes: [{ fields }] };
  await client.callTool({ name: 'createDeck', arguments: { deck: 'Sums' } });
  await client.callTool({ name: 'saveNotes', arguments: notes });
  const host = startHost(client);
  const { view, errors } = await host.open('study', { action: 'start', deck: 'Sums' });
  await view.getByRole('button', { name: 'Show answer' }).click();
  await view.frameLocator('iframe').locator('math').waitFor();
  await view.getByRole('button', { name: /^Easy/ }).click();
  await view.getByText('1 card in').waitFor();
  expect(errors).toEqual([]);
  await host.close();
  await client.close();
});
