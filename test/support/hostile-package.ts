import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryEngine } from './collection.ts';
import { unzip, zip, type ZipEntry } from './zip.ts';

const evil = Buffer.from('evil');
const long = `${'x'.repeat(5000)}.png`;
const megabyte = 1024 * 1024;
const symbolicLink = 0o120777;

/** Returns the entries of a valid package. Its note refers to files of all these names, so that an import includes them. */
async function validPackage(names: readonly string[]): Promise<ZipEntry[]> {
  const { engine, folder, close } = temporaryEngine();
  await engine.call('storeMediaFile', { filename: 'plain.png', data: evil.toString('base64') });
  const Front = names.map((name) => `<img src="${name}">[sound:${name}]`).join(' ');
  await engine.call('addNote', { note: { deckName: 'Default', modelName: 'Basic', fields: { Front } } });
  const path = join(folder, 'valid.apkg');
  await engine.call('exportPackage', { deck: 'Default', path });
  const entries = unzip(readFileSync(path));
  await close();
  return entries;
}

/** Returns packages that attempt to do harm, each with a description. */
export async function hostilePackages(absolute: string): Promise<(readonly [what: string, bytes: Buffer])[]> {
  const names = [
    '../evil.png',
    '../../evil.png',
    absolute,
    '..\\..\\evil.png',
    'a/../../evil.png',
    'a/evil.png',
    'evil\0.png',
    '..',
    '.',
    '',
    'CON',
    'aux.png',
    'C:evil.png',
    '\u202egnp.exe',
    '<script>.png',
    long,
  ];
  const entries = await validPackage([
    ...names,
    'plain.png',
    'link.png',
    'claimed.png',
    'bomb.png',
    'twice.png',
  ]);
  const collections = entries.filter(({ name }) => name !== 'media' && name !== '0');
  const listed = (list: unknown): ZipEntry => ({ name: 'media', data: Buffer.from(JSON.stringify(list)) });
  const holding = (name: string, file: Partial<ZipEntry> = {}) => [
    ...collections,
    listed({ 0: name }),
    { name: '0', data: evil, ...file },
  ];
  const packages: [string, ZipEntry[]][] = [
    ['as exported', entries],
    ...names.map((name): [string, ZipEntry[]] => [`a file called ${name.slice(0, 40)}`, holding(name)]),
    [
      'entries with paths',
      [...entries, { name: '../../evil.png', data: evil }, { name: absolute, data: evil }],
    ],
    [
      'paths as numbers',
      [...collections, listed({ '../../0': 'plain.png' }), { name: '../../0', data: evil }],
    ],
    ['a link', holding('link.png', { data: Buffer.from('/etc/passwd'), mode: symbolicLink })],
    ['a link instead of the media list', [...collections, { name: 'media', data: evil, mode: symbolicLink }]],
    ['a declared size of 4 GB', holding('claimed.png', { claimed: 0xffff_fff0 })],
    ['a declared size of 0', holding('claimed.png', { claimed: 0 })],
    ['50 KB that unpack to 50 MB', holding('bomb.png', { data: Buffer.alloc(50 * megabyte) })],
    ['a media list of 50 MB', [...collections, { name: 'media', data: Buffer.alloc(50 * megabyte, ' ') }]],
    [
      'a collection of 50 MB of zeros',
      [{ name: 'collection.anki21', data: Buffer.alloc(50 * megabyte) }, listed({})],
    ],
    ['a media list that is an array', [...collections, listed(['../../evil.png'])]],
    ['a media list with objects', [...collections, listed({ __proto__: null, 0: { name: '../evil.png' } })]],
    ['two files of the same name', [...holding('twice.png'), { name: '1', data: Buffer.from('other') }]],
    ['no collection', entries.filter(({ name }) => !name.startsWith('collection'))],
    ['an unknown version', [...entries, { name: 'meta', data: Buffer.from([8, 99]) }]],
    ['an empty archive', []],
  ];
  return packages.map(([what, content]) => [what, zip(content)]);
}
