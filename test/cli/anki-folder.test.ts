import { expect, test } from 'vitest';
import { ankiFolder } from '../../src/cli/anki-folder.ts';

test.each([
  ['linux', {}, '/home/me/.local/share/Anki2'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/Anki2'],
  ['linux', { ANKI_BASE: '/mnt/anki' }, '/mnt/anki'],
  ['darwin', {}, '/home/me/Library/Application Support/Anki2'],
  ['win32', { APPDATA: 'C:\\Users\\me\\AppData\\Roaming' }, 'C:\\Users\\me\\AppData\\Roaming\\Anki2'],
] as const)('Anki’s folder on %s with %j is %s', (platform, env, folder) => {
  expect(ankiFolder({ platform, home: '/home/me', env })).toBe(folder);
});
