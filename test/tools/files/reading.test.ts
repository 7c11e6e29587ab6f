import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SafeguardOptions } from '../../../src/tools/safeguards/safeguard.ts';
import { addNotes, guardedServer, overHttp, type UserReply } from '../../support/guarded-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const png = Buffer.from('\x89PNG\r\n\x1a\n and the rest of a picture', 'latin1');
const text = '#separator:tab\n#notetype:Basic\n#deck:Words\nword\tmeaning\n';
const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'x' } };

/** Starts a server with one allowed folder, and an outside folder with one file of each kind. */
async function reader(reply?: UserReply, options: Partial<SafeguardOptions> = {}, desktop = false) {
  const allowed = temporaryFolder();
  const outside = temporaryFolder();
  const connect: typeof overHttp = desktop ? overHttp : async (engine) => engine;
  const server = await guardedServer(reply, options, connect, () => [allowed]);
  await addNotes(server.engine, 'Export', ['exported']);
  for (const folder of [allowed, outside]) {
    writeFileSync(join(folder, 'a.png'), png);
    writeFileSync(join(folder, 'words.txt'), text);
    await server.engine.call('exportPackage', { deck: 'Export', path: join(folder, 'deck.apkg') });
  }
  /** Returns calls that each read one file of a folder. */
  const calls = (folder: string): [name: string, args: Record<string, unknown>][] => {
    const picture = { filename: 'p.png', path: join(folder, 'a.png'), fields: ['Front'] };
    return [
      ['importPackage', { path: join(folder, 'deck.apkg') }],
      ['guiImportFile', { path: join(folder, 'words.txt') }],
      ['storeMediaFile', { filename: 'p.png', path: join(folder, 'a.png') }],
      ['addNote', { note: { ...note, picture: [picture] } }],
    ];
  };
  return { ...server, allowed, outside, calls };
}

const asBatch = (calls: readonly [string, Record<string, unknown>][]) => ({
  actions: calls.map(([action, params]) => ({ action, params })),
});

for (const desktop of [false, true]) {
  const backend = desktop ? 'desktop' : 'engine';

  test(`${backend}: reads packages, texts and media below an allowed folder without a question about the path`, async () => {
    const { assistant, allowed, calls, questions } = await reader(undefined, {}, desktop);
    for (const [name, args] of calls(allowed)) {
      expect(await assistant.call(name, args), name).toMatchObject({ isError: false });
    }
    expect(questions).toEqual([]);
  });

  test(`${backend}: without elicitation and with --confirm never, no file outside is read and the error names --allow-dir`, async () => {
    for (const [reply, confirm] of [[undefined, 'auto'] as const, ['accept', 'never'] as const]) {
      const { assistant, engine, outside, calls, questions } = await reader(reply, { confirm }, desktop);
      const files = calls(outside);
      for (const [name, args] of [...files, ['multi', asBatch(files)] as const]) {
        const { isError, text: message } = await assistant.call(name, { ...args });
        expect(isError, name).toBe(true);
        expect(message, name).toContain('--allow-dir FOLDER');
      }
      expect(questions).toEqual([]);
      expect(await engine.call('findNotes', { query: '' })).toHaveLength(1);
      expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
    }
  });

  test(`${backend}: asks once per call for files outside, and reads what the user confirmed`, async () => {
    const { assistant, engine, outside, calls, questions } = await reader('accept', {}, desktop);
    for (const [name, args] of calls(outside)) {
      questions.length = 0;
      expect(await assistant.call(name, args), name).toMatchObject({ isError: false });
      expect(questions, name).toHaveLength(1);
      expect(questions[0], name).toContain(`Read the file "${outside}`);
    }
    questions.length = 0;
    expect((await assistant.call('multi', asBatch(calls(outside)))).isError).toBe(false);
    expect(questions).toHaveLength(1);
    for (const file of ['a.png', 'words.txt', 'deck.apkg'])
      expect(questions[0]).toContain(join(outside, file));
    expect(await engine.call('getMediaFilesNames', {})).toEqual(['p.png']);
  });
}

test('reads nothing that the user declined', async () => {
  const { assistant, engine, outside, calls } = await reader('decline');
  for (const [name, args] of calls(outside))
    expect((await assistant.call(name, args)).text, name).toContain('The user declined');
  const media = [{ field: 'Front', filename: 'p.png', path: join(outside, 'a.png') }];
  const saved = await assistant.call('saveNotes', { notes: [{ ...note, media }] });
  expect(saved.text).toContain('The user declined');
  expect(await engine.call('findNotes', { query: '' })).toHaveLength(1);
  expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
});

test('saveNotes asks once for all files outside', async () => {
  const { assistant, engine, outside, questions } = await reader('accept');
  writeFileSync(join(outside, 'b.png'), Buffer.concat([png, Buffer.from('b')]));
  const notes = ['a', 'b', 'a'].map((name, index) => ({
    ...note,
    fields: { Front: `${index}` },
    media: [{ field: 'Front', filename: `${name}.png`, path: join(outside, `${name}.png`) }],
  }));
  const { result } = await assistant.call('saveNotes', { notes });
  expect(result).toMatchObject({ created: 3 });
  expect(questions).toEqual([
    `Do all of the following?\n- Read the file "${outside}/a.png", which is outside the allowed folders\n- Read the file "${outside}/b.png", which is outside the allowed folders`,
  ]);
  expect((await engine.call('getMediaFilesNames', {})).toSorted()).toEqual(['a.png', 'b.png']);
});

test('the question shows the real path of a link, and a link in an allowed folder does not lead out of it', async () => {
  const { assistant, allowed, outside, questions } = await reader('decline');
  for (const [folder, link] of [
    [allowed, 'inside'],
    [outside, 'elsewhere'],
  ] as const) {
    const path = join(folder, `${link}.txt`);
    symlinkSync('/etc/passwd', path);
    questions.length = 0;
    expect((await assistant.call('guiImportFile', { path })).isError).toBe(true);
    expect(questions[0]).toContain('Read the file "/etc/passwd"');
  }
  const silent = await reader();
  const path = join(silent.allowed, 'passwd.txt');
  symlinkSync('/etc/passwd', path);
  const { text: message } = await silent.assistant.call('guiImportFile', { path });
  expect(message).toContain('is not allowed');
});

test('no device, pipe, folder or relative path is imported, even if the user confirms it', async () => {
  const { assistant, allowed, outside } = await reader('accept');
  for (const folder of [allowed, outside]) {
    execFileSync('mkfifo', [join(folder, 'pipe.txt')]);
    symlinkSync('/dev/zero', join(folder, 'zero.txt'));
    mkdirSync(join(folder, 'folder.txt'));
    for (const name of ['pipe', 'zero', 'folder'])
      expect((await assistant.call('guiImportFile', { path: join(folder, `${name}.txt`) })).text).toContain(
        'is not a file',
      );
    expect((await assistant.call('guiImportFile', { path: join(folder, 'none.txt') })).text).toContain(
      'the file does not exist',
    );
  }
  for (const path of ['words.txt', '~/words.txt', '../words.txt'])
    expect((await assistant.call('guiImportFile', { path })).text).toContain('is not an absolute path');
});

test('more files than a question can show are refused without a question', async () => {
  const { assistant, engine, outside, questions } = await reader('accept');
  const media = Array.from({ length: 11 }, (_, index) => {
    const path = join(outside, `${index}.png`);
    writeFileSync(path, png);
    return { field: 'Front', filename: `${index}.png`, path };
  });
  const picture = media.map(({ filename, path }) => ({ filename, path, fields: ['Front'] }));
  for (const [name, args] of [
    ['saveNotes', { notes: [{ ...note, media }] }],
    ['addNote', { note: { ...note, picture } }],
  ] as const)
    expect((await assistant.call(name, args)).text).toContain('confirm 11 files');
  expect(questions).toEqual([]);
  expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
});
