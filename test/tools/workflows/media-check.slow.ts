import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addNotes, guardedServer } from '../../support/guarded-server.ts';

test('a media folder with more than 20,000 files is not copied, and the answer says so', async () => {
  const { assistant, engine, folder } = await guardedServer('accept');
  await addNotes(engine, 'D', ['<img src="gone.png">', '<img src="1.png">']);
  const media = join(folder, 'collection.media');
  for (let number = 0; number <= 20_000; number++) writeFileSync(join(media, `${number}.png`), '');
  const { result, text } = await assistant.call('insights', { sections: ['media'] });
  expect(result, text).toMatchObject({
    media: {
      files: 20_001,
      unused: { files: 20_000 },
      missing: { files: 1 },
      limit: expect.stringContaining('20000 files'),
    },
  });
});
