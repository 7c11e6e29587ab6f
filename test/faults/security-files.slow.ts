import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { startApi } from '../support/api.ts';
import { mediaPolicy } from '../../src/tools/media/media-policy.ts';
import { Assistant } from '../support/assistant.ts';
import { problemsOf } from '../support/database-check.ts';
import { hostilePackages } from '../support/hostile-package.ts';
import { removeTemporaryFolders, temporaryFolder } from '../support/temporary-folder.ts';

const secret = 'what nobody may read';
const png = 'iVBORw0KGgo=';

/** A profile in a temporary folder, with private files next to it and above it. */
interface Home {
  readonly engine: Engine;
  readonly media: string;
  /** Returns path and content of all files except media, their trash and the collection's own files. */
  readonly outside: () => Record<string, string>;
  readonly inMedia: () => string[];
}

let base: string;
let home: Home;
beforeEach(async () => {
  base = temporaryFolder();
  const profile = join(base, 'Anki2', 'User 1');
  mkdirSync(profile, { recursive: true });
  for (const folder of [base, join(base, 'Anki2'), profile])
    writeFileSync(join(folder, 'secret.txt'), secret);
  const engine = new Engine({
    collection: join(profile, 'collection.anki2'),
    log: () => {},
    importsAtOnce: true,
  });
  const media = await engine.call('getMediaDirPath', {});
  writeFileSync(join(media, 'keep.png'), 'keep');
  const own = ['collection.media', 'media.trash'].map((name) => join(profile, name) + sep);
  const outside = () => {
    const files = readdirSync(base, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes('collection.anki2') && !path.includes('collection.media.db2'))
      .filter((path) => own.every((folder) => !path.startsWith(folder)));
    return Object.fromEntries(files.map((path) => [path, readFileSync(path, 'latin1')]));
  };
  home = { engine, media, outside, inMedia: () => readdirSync(media) };
});
afterEach(async () => {
  await home.engine.close();
  removeTemporaryFolders();
});

const long = 'x'.repeat(5000);

/** File names that lead to another folder, or have a special meaning, on some system. */
const fileNames = [
  '..',
  '.',
  '../secret.txt',
  '../../secret.txt',
  '../../../../../../../../etc/passwd',
  './../secret.txt',
  'a/../../secret.txt',
  '....//secret.txt',
  '..././secret.txt',
  '/etc/passwd',
  '//etc/passwd',
  '/',
  '///',
  'a/',
  'a/..',
  '..\\secret.txt',
  '..\\..\\secret.txt',
  '..\\/secret.txt',
  'C:\\Windows\\win.ini',
  'C:secret.txt',
  '\\\\host\\share\\secret.txt',
  '\\\\?\\C:\\secret.txt',
  'file:///etc/passwd',
  '~/secret.txt',
  '$HOME/secret.txt',
  '%2e%2e/secret.txt',
  '..%2fsecret.txt',
  '%2e%2e%2fsecret.txt',
  '..%252fsecret.txt',
  '..%c0%afsecret.txt',
  '..%00/secret.txt',
  '../secret.txt\0.png',
  '\0',
  '..\0',
  '\uff0e\uff0e/secret.txt',
  '\u2025/secret.txt',
  '..\u2215secret.txt',
  '..\u2044secret.txt',
  '\u202e/txt.terces/..',
  '..\u200b/secret.txt',
  ' ../secret.txt',
  '../secret.txt ',
  '.. ',
  '... ',
  'CON',
  'aux.png',
  'NUL.txt',
  'COM1',
  'keep.png::$DATA',
  'keep.png.',
  '.htaccess',
  '-rf',
  '*',
  '../*',
  '[.][.]/*',
  '{.,..}/secret.txt',
  '\n',
  '../\nsecret.txt',
  `${long}.png`,
  `${'../'.repeat(200)}etc/passwd`,
  'secret.txt',
];

describe('Security', () => {
  test('media files with names that lead out of their folder are stored, read, listed and deleted: nothing outside is accessed', async ({
    task,
  }) => {
    const { engine, media, outside, inMedia } = home;
    const assistant = await Assistant.of(engine);
    const api = await startApi(engine);
    const before = outside();
    let cases = 0;
    const check = (name: string, action: string, answer: string) => {
      const what = `${action} ${JSON.stringify(name.slice(0, 80))}`;
      expect(answer, what).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
      expect(answer, what).not.toContain(secret);
      expect(answer, what).not.toContain('root:x:0');
      expect(outside(), what).toEqual(before);
      expect(inMedia(), what).toContain('keep.png');
      expect(
        inMedia().filter((file) => !lstatSync(join(media, file)).isFile()),
        what,
      ).toEqual([]);
      cases++;
    };
    const note = (Front: string) => ({ deckName: 'Default', modelName: 'Basic', fields: { Front } });
    for (const [index, filename] of fileNames.entries()) {
      const picture = [{ filename, data: png, fields: ['Front'] }];
      const attached = { ...note(`a ${index}`), media: [{ field: 'Front', filename, data: png }] };
      const calls: [string, object][] = [
        ['retrieveMediaFile', { filename }],
        ['getMediaFilesNames', { pattern: filename }],
        ['deleteMediaFile', { filename }],
        ['storeMediaFile', { filename, data: png }],
        ['storeMediaFile', { filename, data: png, deleteExisting: false }],
        ['addNote', { note: { ...note(`b ${index}`), picture } }],
        ['saveNotes', { notes: [attached] }],
        ['retrieveMediaFile', { filename }],
      ];
      for (const [name, args] of calls) {
        const { text, content } = await assistant.call(name, { ...args });
        check(filename, name, JSON.stringify(content) + text);
        if (name === 'saveNotes') continue; // no action of the HTTP API
        check(filename, `${name} over HTTP`, await api.ask({ action: name, version: 6, params: args }));
      }
      for (const written of [encodeURIComponent(filename.toWellFormed()), filename]) {
        const read = assistant.client.readResource({ uri: `anki://media/${written}` });
        check(filename, 'resource', JSON.stringify(await read.catch(String)));
      }
    }
    await assistant.close();
    await api.close();
    task.meta.cases = cases;
  });

  test('links and pipes in the media folder: no file outside is read, changed or deleted, and no call blocks', async ({
    task,
  }) => {
    const { engine, media, outside, inMedia } = home;
    const assistant = await Assistant.of(engine);
    const before = outside();
    const away = join(base, 'secret.txt');
    const link = (name: string, to: string) => () => symlinkSync(to, join(media, name));
    const entries: [name: string, make: () => void][] = [
      ['link.png', link('link.png', away)],
      ['near.png', link('near.png', '../secret.txt')],
      ['folder', link('folder', base)],
      ['chain.png', link('chain.png', join(media, 'chain2.png'))],
      ['chain2.png', link('chain2.png', away)],
      ['loop.png', link('loop.png', 'loop.png')],
      ['gone.png', link('gone.png', join(base, 'none'))],
      ['zero.png', link('zero.png', '/dev/zero')],
      ['pipe.png', () => void execFileSync('mkfifo', [join(media, 'pipe.png')])],
    ];
    for (const [, make] of entries) make();
    for (const [filename] of entries) {
      for (const [name, args] of [
        ['retrieveMediaFile', { filename }],
        ['retrieveMediaFile', { filename: `folder/${filename}` }],
        ['storeMediaFile', { filename, data: png, deleteExisting: false }],
        ['storeMediaFile', { filename, data: png }],
      ] as const) {
        const { text } = await assistant.call(name, args, { timeout: 20_000 });
        expect(text, filename).not.toContain(Buffer.from(secret).toString('base64'));
        expect(outside(), filename).toEqual(before);
      }
    }
    for (const [filename, make] of entries) {
      rmSync(join(media, filename), { force: true });
      make();
      await assistant.call('deleteMediaFile', { filename }, { timeout: 20_000 });
      expect(outside(), filename).toEqual(before);
    }
    expect(inMedia()).toContain('keep.png');
    symlinkSync('keep.png', join(media, 'inside.png'));
    expect((await assistant.call('retrieveMediaFile', { filename: 'inside.png' })).text).toContain(
      Buffer.from('keep').toString('base64'),
    );
    await assistant.close();
    task.meta.cases = entries.length * 5;
  });

  test('imported packages with harmful names, links, sizes and media lists: nothing is written outside the media folder', async ({
    task,
  }) => {
    const { engine, outside, media, inMedia } = home;
    const assistant = await Assistant.of(engine, { media: mediaPolicy([base], engine.capabilities) });
    const packages = await hostilePackages(join(base, 'absolute.png'));
    const path = join(base, 'hostile.apkg');
    for (const [what, bytes] of packages) {
      writeFileSync(path, bytes);
      const before = outside();
      for (const name of ['importPackage', 'guiImportFile']) {
        const { isError, text } = await assistant.call(name, { path }, { timeout: 60_000 });
        expect(isError ? text : 'imported', what).not.toBe('');
        expect(outside(), what).toEqual(before);
        expect(
          inMedia().filter((file) => !lstatSync(join(media, file)).isFile()),
          what,
        ).toEqual([]);
      }
      expect(await problemsOf(engine), what).toBe('');
    }
    expect(inMedia()).toContain('plain.png');
    await assistant.close();
    task.meta.cases = packages.length * 2;
  });

  test.each([
    ['importPackage', 'a pipe', (path: string) => void execFileSync('mkfifo', [path]), 'a.apkg'],
    ['guiImportFile', 'a pipe', (path: string) => void execFileSync('mkfifo', [path]), 'a.csv'],
    ['guiImportFile', 'a device', (path: string) => symlinkSync('/dev/zero', path), 'a.txt'],
    ['importPackage', 'a device', (path: string) => symlinkSync('/dev/zero', path), 'a.apkg'],
    ['importPackage', 'a folder', (path: string) => mkdirSync(path), 'a.apkg'],
    ['guiImportFile', 'a folder', (path: string) => mkdirSync(path), 'a.tsv'],
    [
      'importPackage',
      'the memory of a process',
      (path: string) => symlinkSync('/proc/self/mem', path),
      'a.apkg',
    ],
  ])('the file to import is not a regular file: %s from %s', async (name, _, make, file) => {
    const path = join(base, file);
    make(path);
    const media = mediaPolicy([base], home.engine.capabilities);
    const assistant = await Assistant.of(home.engine, { media });
    const { isError, text } = await assistant.call(name, { path }, { timeout: 20_000 });
    expect(isError).toBe(true);
    expect(text).not.toBe('');
    expect(await home.engine.call('version', {})).toBe(6);
    await assistant.close();
  });
});
