import { expect, onTestFinished, test } from 'vitest';
import { Assistant } from '../support/assistant.ts';
import { basic, engine, Watched } from '../support/saving.ts';

/** Returns an assistant on an Anki whose browser writes its copy of the note back after each write, and that note. */
async function withBrowser(isShown: boolean, change = true) {
  const note = await engine.call('addNote', {
    note: { ...basic, fields: { Front: 'f', Back: 'old' }, tags: ['t'] },
  });
  const desktop = new Watched(engine, async (name, _params, sent) => {
    const answer = await sent();
    if (change && /^(update|add|remove|replace|multi)/.test(name)) {
      await engine.call('updateNote', { note: { id: note, fields: { Back: 'old' }, tags: ['t'] } });
    }
    return answer;
  });
  if (isShown) await engine.call('guiBrowse', { query: `nid:${note}` });
  const assistant = await Assistant.of(desktop);
  onTestFinished(() => assistant.close());
  return { note, assistant, requests: desktop.requests };
}

const writes = (note: number): [string, Record<string, unknown>, string][] => [
  ['updateNoteFields', { note: { id: note, fields: { Back: 'new' } } }, 'Back'],
  ['updateNote', { note: { id: note, fields: { Back: 'new' }, tags: ['u'] } }, 'Back, the tags'],
  ['updateNoteTags', { note, tags: ['u'] }, 'the tags'],
  ['addTags', { notes: [note], tags: 'u' }, 'the tags'],
  ['removeTags', { notes: [note], tags: 't' }, 'the tags'],
  ['replaceTags', { notes: [note], tag_to_replace: 't', replace_with_tag: 'u' }, 'the tags'],
  [
    'multi',
    { actions: [{ action: 'updateNoteFields', params: { note: { id: note, fields: { Back: 'new' } } } }] },
    'Back',
  ],
];

test("a write that Anki's browser undoes has a warning in its summary", async () => {
  const { note, assistant } = await withBrowser(true);
  for (const [name, args, lost] of writes(note)) {
    const { summary, isError } = await assistant.call(name, args);
    expect(isError).toBe(false);
    expect(summary, name).toContain(`The change was lost in note ${note} (${lost}): Anki's browser`);
  }
});

test('a write has no warning if the browser keeps it', async () => {
  const { note, assistant } = await withBrowser(true, false);
  for (const [name, args] of writes(note))
    expect((await assistant.call(name, args)).summary ?? '').not.toContain('lost');
});

test('a write to a note that the browser does not show costs one more request and no time', async () => {
  const { note, assistant, requests } = await withBrowser(false);
  expect((await assistant.call('updateNoteTags', { note, tags: ['u'] })).summary).not.toContain('lost');
  expect(requests).toHaveLength(2);
});

test('a write through the engine is not checked', async () => {
  const { note } = await withBrowser(true);
  const assistant = await Assistant.of(engine);
  expect((await assistant.call('updateNoteTags', { note, tags: ['u'] })).summary).not.toContain('lost');
  await assistant.close();
});
