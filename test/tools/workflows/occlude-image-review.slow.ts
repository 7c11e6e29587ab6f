import { decode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { panelHandle } from '../../../src/contract/panels/index.ts';
import { Assistant } from '../../support/assistant.ts';
import { faultyEngine } from '../../support/faulty-engine.ts';
import { panelClient } from '../../support/panel-host/client.ts';
import { engine } from '../../support/saving.ts';

const pngOf = (width: number, height: number, data: Buffer) =>
  PNG.sync.write(Object.assign(new PNG({ width, height }), { data })).toString('base64');
const png = pngOf(40, 20, Buffer.alloc(40 * 20 * 4, 200));

const left = { shape: 'rect', at: [10, 10, 20, 30] };
const heart = { deck: 'Default', picture: `data:;base64,${png}`, shapes: [left], review: true };

async function assistantWith(backend = engine, client = panelClient()): Promise<Assistant> {
  const assistant = await Assistant.of(backend, {}, client);
  onTestFinished(() => assistant.close());
  return assistant;
}

const view = z.looseObject({
  editor: z.string(),
  phase: z.string(),
  token: z.string().optional(),
  notice: z.string().optional(),
  sentences: z.array(z.string()).optional(),
  content: z.looseObject({ picture: z.string(), shapes: z.array(z.unknown()) }).optional(),
});

async function opened({ client }: Assistant, args: object) {
  const { _meta } = await client.callTool({ name: 'occludeImage', arguments: { ...args } });
  return z.object({ editor: z.string() }).parse(_meta?.[panelHandle]).editor;
}

async function act({ client }: Assistant, args: Record<string, unknown>) {
  const { structuredContent, content } = await client.callTool({ name: 'occlusionPanel', arguments: args });
  const parsed = view.safeParse(structuredContent);
  if (!parsed.success) throw new Error(JSON.stringify(content));
  return parsed.data;
}

async function shown(assistant: Assistant, args: object) {
  return act(assistant, { action: 'show', editor: await opened(assistant, args) });
}

test('a client without panels gets the cards, and nothing is saved', async () => {
  const plain = await Assistant.of(engine);
  onTestFinished(() => plain.close());
  const { text, content } = await plain.call('occludeImage', heart);
  expect(text).toContain('Nothing is saved yet. Show these cards to the user and ask.');
  expect(content.some(({ type }) => type === 'image')).toBe(true);
  expect(await engine.call('findNotes', { query: 'deck:*' })).toEqual([]);
  const { isError } = await plain.call('occlusionPanel', { action: 'show', editor: 'x' });
  expect(isError).toBe(true);
});

test('a large photo is made smaller for the panel, and pixels are those of the original', async () => {
  const assistant = await assistantWith();
  const noise = Buffer.from(Uint8Array.from({ length: 2000 * 1000 * 4 }, (_, at) => (at * at * 31) >> 7));
  const picture = `data:;base64,${pngOf(2000, 1000, noise)}`;
  const shapes = [{ shape: 'rect', at: [200, 100, 500, 250] }];
  const { editor, token, content } = await shown(assistant, { ...heart, picture, shapes, px: true });
  const url = content?.picture ?? '';
  expect(url).toMatch(/^data:image\/jpeg;base64,/);
  expect(url.length).toBeLessThan(150_000);
  const { width, height } = decode(Buffer.from(url.replace(/^.*,/, ''), 'base64'));
  expect(width / height).toBeCloseTo(2, 1);
  expect(content?.shapes).toEqual([{ id: 1, shape: 'rect', at: [10, 10, 25, 25], group: 1 }]);
  await act(assistant, { action: 'save', editor, token });
  const [note] = await engine.call('notesInfo', { query: 'deck:*' });
  expect(note?.fields?.['Occlusion']?.value).toContain('left=.1:top=.1:width=.25:height=.25');
});

test('the panel shows the picture, so that its result needs none, and refuses more shapes than can be saved', async () => {
  const assistant = await assistantWith();
  const { content } = await assistant.call('occludeImage', heart);
  expect(content.map(({ type }) => type)).toEqual(['text']);
  const shape = '{{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.3}}';
  const added = await assistant.call('occludeImage', { ...heart, review: false });
  const { note } = z.looseObject({ note: z.number() }).parse(added.result);
  const fields = { Occlusion: shape.repeat(101) };
  await engine.call('updateNoteFields', { note: { id: note, fields } });
  const { isError, text } = await assistant.call('occludeImage', { note, review: true });
  expect([isError, text]).toEqual([true, expect.stringContaining('at most 100 shapes')]);
});

test('refuses a picture that the panel cannot show, and names the reason', async () => {
  const assistant = await assistantWith();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg"><!--${'x'.repeat(600_000)}--></svg>`;
  const picture = `data:;base64,${Buffer.from(svg).toString('base64')}`;
  const { isError, text } = await assistant.call('occludeImage', { ...heart, picture });
  expect(isError).toBe(true);
  expect(text).toContain('is too large for the panel (601 KB, limit 500 KB)');
});

test('shapes that Anki cannot store change nothing, and the token of the failed call is used up', async () => {
  const assistant = await assistantWith();
  const { editor, token } = await shown(assistant, heart);
  for (const shape of [
    { id: 9, shape: 'rect', at: [1, 1, 5, 5], group: 1 },
    { shape: 'rect', at: [90, 1, 50, 5], group: 1 },
    { shape: 'rect', at: [1, 1, 5, 5], group: 0 },
    { shape: 'polygon', at: [1, 1, 5, 5], group: 1 },
    { shape: 'text', at: [1, 1], group: 0, text: '}}{{c1::x' },
    { shape: 'path', at: [1, 1, 5, 5], group: 1 },
  ]) {
    const now = await act(assistant, { action: 'show', editor });
    const args = { action: 'save', editor, token: now.token, shapes: [shape] };
    expect((await assistant.call('occlusionPanel', args)).isError, JSON.stringify(shape)).toBe(true);
  }
  expect((await act(assistant, { action: 'save', editor, token })).notice).toContain('Nothing was changed');
  expect((await act(assistant, { action: 'show', editor })).content?.shapes).toHaveLength(1);
  expect(await engine.call('findNotes', { query: 'deck:*' })).toEqual([]);
});

test('after its session, an editor whose note was saved does not say that nothing was saved', async () => {
  const first = await assistantWith();
  const { editor, token } = await shown(first, heart);
  expect((await act(first, { action: 'save', editor, token })).phase).toBe('saved');
  await first.close();
  const second = await assistantWith();
  const { text, isError } = await second.call('occlusionPanel', { action: 'show', editor });
  expect(isError).toBe(true);
  expect(text).toContain('Masks that were not saved are lost.');
  expect(text).not.toContain('Nothing was saved');
});

test('whenever the engine dies during a save, the panel says what is known, and the note is saved at most once', async () => {
  const faulty = await faultyEngine();
  onTestFinished(() => faulty.close());
  await faulty.engine.call('storeMediaFile', { filename: 'heart.png', data: png });
  const assistant = await assistantWith(faulty.engine);
  const count = async () => (await faulty.engine.call('findNotes', { query: 'deck:*' })).length;
  const outcomes = new Set<string>();
  for (let step = 0; !outcomes.has('created'); step++) {
    const before = await count();
    const shapes = [{ shape: 'rect', at: [step, 10, 20, 30] }];
    const { editor, token } = await shown(assistant, { ...heart, picture: 'heart.png', shapes });
    faulty.next('death after', step);
    const args = { action: 'save', editor, token };
    const isRefused = (await assistant.call('occlusionPanel', args)).isError;
    const now = await act(assistant, { action: 'show', editor });
    const [sentence = 'not saved'] = now.sentences ?? [];
    const outcome = /unknown|created|not saved/.exec(sentence)?.[0] ?? sentence;
    outcomes.add(outcome);
    const added = (await count()) - before;
    expect({ outcome, isRefused, added }).toEqual(
      {
        unknown: {
          outcome,
          isRefused: false,
          added: expect.toSatisfy((notes) => notes === 0 || notes === 1),
        },
        created: { outcome, isRefused: false, added: 1 },
        'not saved': { outcome, isRefused: true, added: 0 },
      }[outcome],
    );
    if (outcome === 'unknown') {
      await act(assistant, { ...args, token: now.token ?? token });
      expect((await count()) - before).toBe(added);
      expect((await assistant.call('occludeImage', { review: true })).text).toContain(
        'the outcome is unknown',
      );
    }
  }
  expect(outcomes).toContain('unknown');
});

test('masks that the user removed are neither kept nor saved', async () => {
  const assistant = await assistantWith();
  const { editor, token } = await shown(assistant, heart);
  const edited = await act(assistant, { action: 'edit', editor, token, shapes: [], hideOne: false });
  expect((await act(assistant, { action: 'show', editor })).content?.shapes).toEqual([]);
  const saving = act(assistant, { action: 'save', editor, token: edited.token, shapes: [] });
  await expect(saving).rejects.toThrow(/at least one rect/);
  expect(await engine.call('findNotes', { query: 'deck:*' })).toEqual([]);
});
