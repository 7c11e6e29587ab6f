import { expect, test } from 'vitest';
import { AnkiConnect } from '../../../src/backends/desktop/client.ts';
import { Assistant } from '../../support/assistant.ts';
import { note } from '../../support/countable-writes.ts';
import { oldAddOn } from '../../support/old-addon.ts';

test('on an old add-on, workflows work or name the missing action', async () => {
  const { url } = await oldAddOn();
  const backend = new AnkiConnect({ url });
  const assistant = await Assistant.of(backend);
  expect((await assistant.call('addNote', { note: note('hund') })).isError).toBe(false);
  expect((await assistant.call('searchNotes', { query: 'hund' })).text).toContain('"Front":"hund"');
  const notes = [{ deckName: 'Default', modelName: 'Basic', fields: { Front: 'katze' } }];
  for (const [name, args, missing] of [
    ['overview', {}, 'getActiveProfile'],
    ['insights', {}, 'findModelsByName'],
    ['saveNotes', { notes }, 'findModelsByName'],
  ] as const) {
    const { isError, text } = await assistant.call(name, args);
    expect(isError, name).toBe(true);
    expect(text, name).toMatch(new RegExp(`${missing}.*unsupported action.*Update the add-on`));
  }
  await assistant.close();
  await backend.close();
});
