import { expect, test } from 'vitest';
import { Assistant } from '../../support/assistant.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { note } from '../../support/countable-writes.ts';

test('pages of searchNotes omit and repeat no note, although one without cards cannot be read', async () => {
  const { engine, close } = temporaryEngine();
  const assistant = await Assistant.of(engine);
  const ids = await engine.call('addNotes', {
    notes: Array.from({ length: 12 }, (_, at) => ({
      ...note(`front ${at}`),
      fields: { Front: `front ${at}`, Back: at === 10 ? '' : 'back' },
      tags: [`tag${at}_${'x'.repeat(2000)}`], // a page of 20 notes exceeds the byte limit
    })),
  });
  const bare = ids[10] ?? 0;
  await engine.call('modelTemplateAdd', {
    modelName: 'Basic',
    template: { Name: 'T', Front: '{{Back}}', Back: 'x' },
  });
  await engine.call('modelTemplateRemove', { modelName: 'Basic', templateName: 'Card 1' });

  const seen: unknown[] = [];
  let offset: number | undefined = 0;
  let pages = 0;
  while (offset !== undefined) {
    const { text } = await assistant.call('searchNotes', { query: '', offset });
    const page: { result: { id: number }[]; nextOffset?: number } = JSON.parse(text);
    seen.push(...page.result.map(({ id }) => id));
    offset = page.nextOffset;
    pages++;
  }
  expect(pages).toBeGreaterThan(2);
  expect(seen).toEqual(ids.filter((id) => id !== bare).toReversed());
  await assistant.close();
  await close();
});
