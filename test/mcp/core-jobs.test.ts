import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Json } from '../../src/lib/json.ts';
import { StartedServer } from '../support/started-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('with the core toolset, an assistant makes, repairs, studies, restyles, limits, undoes and exports cards', async () => {
  const folder = temporaryFolder();
  const server = await StartedServer.start(
    '--collection',
    join(folder, 'collection.anki2'),
    '--toolsets',
    'core',
  );
  const call = async (name: string, args: Readonly<Record<string, unknown>> = {}): Promise<Json> => {
    const { isError, text, result = null } = await server.call(name, args);
    expect(isError, `${name}: ${text}`).toBe(false);
    return result;
  };
  const run = (action: string, params: object = {}) => call('runAction', { action, params });

  await call('createDeck', { deck: 'Math' });
  await call('saveNotes', {
    deckName: 'Math',
    modelName: 'Basic',
    notes: [
      { fields: { Front: 'a', Back: '$x^2$' }, tags: ['one'] },
      { fields: { Front: 'b', Back: 'y' } },
      { fields: { Front: 'c', Back: 'z' } },
    ],
  });
  const ids = z
    .array(z.int())
    .length(3)
    .parse(await call('findNotes', { query: 'deck:Math' }));
  await call('saveNotes', {
    deckName: 'Math',
    modelName: 'Cloze',
    notes: [{ fields: { Text: '{{c1::$\\frac{a}{b}$}} is a fraction' } }],
  });

  await call('storeMediaFile', { filename: 'dot.png', data: png });
  await call('saveNotes', { notes: [{ id: ids[1], fields: { Back: '<img src="dot.png">' } }] });
  expect(await run('getMediaFilesNames', { pattern: '*.png' })).toEqual(['dot.png']);

  const cards = z.array(z.int()).parse(await call('findCards', { query: 'deck:Math is:new' }));
  expect(cards).toHaveLength(4);
  await call('answerCards', { answers: [{ cardId: cards[0], ease: 3 }] });
  await run('suspend', { cards: [cards[1]] });
  await run('changeDeck', { cards: [cards[1]], deck: 'Later' });
  expect(await call('findCards', { query: 'deck:Later is:suspended' })).toEqual([cards[1]]);

  await call('modelFieldAdd', { modelName: 'Basic', fieldName: 'Source' });
  expect(await run('modelFieldNames', { modelName: 'Basic' })).toEqual(['Front', 'Back', 'Source']);
  const { css } = z.object({ css: z.string() }).parse(await call('modelStyling', { modelName: 'Basic' }));
  await call('updateModelStyling', { model: { name: 'Basic', css: `${css}\n.card { color: blue; }` } });
  const templates = z
    .record(z.string(), z.looseObject({ Front: z.string() }))
    .parse(await call('modelTemplates', { modelName: 'Basic' }));
  const front = `${templates['Card 1']?.Front ?? ''} {{tts en_US:Front}}`;
  await call('updateModelTemplates', { model: { name: 'Basic', templates: { 'Card 1': { Front: front } } } });

  const options = z
    .looseObject({ new: z.looseObject({ perDay: z.number() }) })
    .parse(await run('getDeckConfig', { deck: 'Math' }));
  await run('saveDeckConfig', { config: { ...options, new: { ...options.new, perDay: 7 } } });
  expect(await run('getDeckConfig', { deck: 'Math' })).toMatchObject({ new: { perDay: 7 } });
  await call('insights');

  await call('deleteNotes', { notes: [ids[2]] });
  await call('guiUndo');
  expect(await call('findNotes', { query: `nid:${ids[2]}` })).toEqual([ids[2]]);
  await call('clearUnusedTags');
  const path = join(folder, 'math.apkg');
  expect(await call('exportPackage', { deck: 'Math', path })).toBe(true);
  expect(existsSync(path)).toBe(true);
});
