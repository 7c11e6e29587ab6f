import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { SafeguardOptions } from '../../../src/tools/safeguards/safeguard.ts';
import { backendDouble } from '../../support/backend-double.ts';
import { addNotes, guardedServer, overHttp, type UserReply } from '../../support/guarded-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function exporter(reply?: UserReply, options: Partial<SafeguardOptions> = {}, desktop = false) {
  const target = temporaryFolder();
  const server = await guardedServer(reply, options, desktop ? overHttp : async (engine) => engine);
  await addNotes(server.engine, 'Words', ['one', 'two']);
  const run = (path: string) => server.assistant.call('exportPackage', { deck: 'Words', path });
  const inBatch = (path: string) => {
    const actions = [{ action: 'exportPackage', params: { deck: 'Words', path } }];
    return server.assistant.call('multi', { actions: [{ action: 'multi', params: { actions } }] });
  };
  return { ...server, target, run, inBatch };
}

for (const desktop of [false, true]) {
  const backend = desktop ? 'desktop' : 'engine';

  test(`${backend}: a new file needs no question, and the summary has its path, size and content`, async () => {
    const { run, inBatch, target, questions } = await exporter('decline', {}, desktop);
    const path = join(target, 'words.apkg');
    const { result, summary } = await run(path);
    const kilobytes = Math.ceil(statSync(path).size / 1000);
    expect(result).toBe(true);
    expect(summary).toBe(`Exported 2 notes with 2 cards to ${path} (${kilobytes} KB).`);
    expect((await inBatch(join(target, 'more.apkg'))).summary).toContain('Exported 2 notes with 2 cards to');
    expect(questions).toEqual([]);
    expect(readdirSync(target).toSorted()).toEqual(['more.apkg', 'words.apkg']);
  });

  test(`${backend}: an existing file is replaced only after a question`, async () => {
    for (const [reply, confirm] of [
      ['accept', 'auto'],
      ['decline', 'auto'],
      [undefined, 'auto'],
      ['accept', 'never'],
    ] as const) {
      const { run, inBatch, target, questions } = await exporter(reply, { confirm }, desktop);
      const path = join(target, 'words.apkg');
      for (const call of [run, inBatch]) {
        writeFileSync(path, 'mine');
        questions.length = 0;
        const isReplaced = reply === 'accept' && confirm === 'auto';
        const { isError } = await call(path);
        expect(isError).toBe(!isReplaced);
        expect(readFileSync(path, 'latin1').startsWith('PK')).toBe(isReplaced);
        const question = `Replace the file "${path}" (1 KB) with an export of the deck Words?`;
        expect(questions).toEqual(reply === undefined || confirm === 'never' ? [] : [question]);
        expect(readdirSync(target)).toEqual(['words.apkg']);
      }
    }
  });

  test(`${backend}: refuses files of the collection, hidden folders, links, other endings and relative paths`, async () => {
    const { run, inBatch, engine, target, folder } = await exporter('accept', {}, desktop);
    const media = await engine.call('getMediaDirPath', {});
    mkdirSync(join(folder, 'backups'));
    mkdirSync(join(target, '.ssh'));
    symlinkSync(join(target, '.ssh'), join(target, 'ssh'));
    symlinkSync(media, join(target, 'media'));
    symlinkSync(engine.place, join(target, 'link.apkg'));
    mkdirSync(join(target, 'folder.apkg'));
    const collection = readFileSync(engine.place);
    for (const [path, reason] of [
      [engine.place, 'does not end in .apkg'],
      [`${engine.place}-wal`, 'does not end in .apkg'],
      [`${media}.db2`, 'does not end in .apkg'],
      [join(target, '.ssh', 'authorized_keys'), 'does not end in .apkg'],
      [join(target, 'words.colpkg'), 'does not end in .apkg'],
      [join(target, 'words.txt'), 'does not end in .apkg'],
      [join(media, 'words.apkg'), "collection's own files"],
      [join(target, 'media', 'words.apkg'), "collection's own files"],
      [join(folder, 'backups', 'words.apkg'), "collection's own files"],
      [join(target, '.ssh', 'words.apkg'), 'hidden'],
      [join(target, 'ssh', 'words.apkg'), 'hidden'],
      [join(target, '.words.apkg'), 'hidden'],
      [join(target, 'link.apkg'), 'not a regular file'],
      [join(target, 'folder.apkg'), 'not a regular file'],
      [join(target, 'none', 'words.apkg'), 'folder cannot be opened'],
      [join(target, 'a\nb.apkg'), 'control characters'],
      ['words.apkg', 'not an absolute path'],
      ['~/words.apkg', 'not an absolute path'],
    ] as const) {
      for (const call of [run, inBatch]) {
        const { isError, text } = await call(path);
        expect(isError, path).toBe(true);
        expect(text, path).toContain(reason);
      }
    }
    expect(readFileSync(engine.place).equals(collection)).toBe(true);
    expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
    expect(readdirSync(target).toSorted()).toEqual(['.ssh', 'folder.apkg', 'link.apkg', 'media', 'ssh']);
  });

  test(`${backend}: a missing deck and a failed export leave no file behind`, async () => {
    const { assistant, target } = await exporter(undefined, {}, desktop);
    const path = join(target, 'none.apkg');
    const { result, summary } = await assistant.call('exportPackage', { deck: 'None', path });
    expect(result).toBe(false);
    expect(summary).toBe(`Nothing was written to ${path}: there is no deck None.`);
    expect(readdirSync(target)).toEqual([]);
  });
}

test('two exports of one batch cannot have the same path', async () => {
  const { assistant, target } = await exporter('accept');
  const params = { deck: 'Words', path: join(target, 'words.apkg') };
  const action = { action: 'exportPackage', params };
  const { text } = await assistant.call('multi', { actions: [action, action] });
  expect(text).toContain('Two exports of one batch');
  expect(readdirSync(target)).toEqual([]);
});

test('a collection whose name ends in .apkg is not replaced by an export', async () => {
  const { isOwnFile } = await import('../../../src/tools/files/own-files.ts');
  const folder = temporaryFolder();
  const collection = join(folder, 'words.apkg');
  const machine = { isHere: true, mediaFolder: `${collection}.media`, collection };
  expect(await isOwnFile(collection, machine)).toBe(true);
  expect(await isOwnFile(join(folder, 'other.apkg'), machine)).toBe(false);
});

test('on another computer an export is written as it is, only after a question', async () => {
  const sent: unknown[] = [];
  const remote = backendDouble(
    // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-unsafe-return -- replies of several actions
    async (name, params): Promise<any> => {
      if (name === 'getMediaDirPath') return 'C:\\Users\\me\\Anki2\\User 1\\collection.media';
      if (name === 'deckNamesAndIds') return { D: 1 };
      if (name === 'findNotes' || name === 'findCards') return [1];
      sent.push(params);
      return true;
    },
    { kind: 'anki-connect', place: 'http://192.0.2.7:8765' },
  );
  const path = 'C:\\Users\\me\\words.apkg';
  const refused = await guardedServer(undefined, {}, async () => remote);
  expect((await refused.assistant.call('exportPackage', { deck: 'D', path })).isError).toBe(true);
  expect((await refused.assistant.call('importPackage', { path })).isError).toBe(true);
  expect(sent).toEqual([]);
  const { assistant, questions } = await guardedServer('accept', {}, async () => remote);
  const { summary } = await assistant.call('exportPackage', { deck: 'D', path });
  expect(summary).toContain('on its own computer');
  expect(sent).toEqual([{ deck: 'D', path }]);
  expect(questions).toEqual([
    `Write an export of the deck D to "${path}" on Anki's computer, and replace the file if it exists there?`,
  ]);
  for (const bad of [
    'words.apkg',
    'C:\\Users\\.ssh\\words.apkg',
    'C:\\Users\\me\\Anki2\\User 1\\collection.media\\x.apkg',
  ])
    expect((await assistant.call('exportPackage', { deck: 'D', path: bad })).isError, bad).toBe(true);
  expect(existsSync(basename(path))).toBe(false);
});
