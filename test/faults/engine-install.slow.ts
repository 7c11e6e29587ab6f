import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { install, type Installation } from '../../src/backends/engine/process/install.ts';
import { Unreachable } from '../../src/contract/errors.ts';
import { builtServer, dist } from '../support/built-server.ts';
import { ordinaryUser, script } from '../support/host-python.ts';
import { onlyWheel, repacked, startIndex, useIndex } from '../support/package-index.ts';
import { removeTemporaryFolders, temporaryFolder } from '../support/temporary-folder.ts';

const log = () => {};

let installation: Installation;
let home: string;

beforeAll(async () => {
  installation = await install({ log });
  home = dirname(installation.folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  removeTemporaryFolders(); // each copy of the engine takes 31 MB
});

const version = (): string => basename(home).replace('anki-', '');

/** A folder for engines with a copy of the installed one. */
function engineDir(): string {
  const folder = temporaryFolder();
  cpSync(home, join(folder, basename(home)), { recursive: true });
  return folder;
}

/** Tells what is wrong and what to do, and works as soon as that is mended. */
async function expectMendable(
  options: { readonly python?: string; readonly engineDir: string },
  says: RegExp,
  mend: () => void,
): Promise<void> {
  const engine = new Engine({ collection: join(temporaryFolder(), 'collection.anki2'), log, ...options });
  const failure = await engine.call('createDeck', { deck: 'A' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Unreachable);
  expect(String(failure)).toMatch(says);
  mend();
  expect(await engine.call('deckNames', {})).toEqual(['Default']);
  await engine.close();
}

const pythons = {
  'is missing': undefined,
  'is no program': 'chmod',
  'is too old': 'echo 3.8; echo "$0"; exit 0',
  'prints words': 'echo hello; echo world',
  'prints noise': 'head -c 100000 /dev/urandom',
  'prints nothing': 'exit 0',
  'dies at its start': 'echo no room >&2; exit 3',
  'is killed at its start': 'kill -9 $$',
};

/** What `setup` says, started by somebody who may not write everywhere. */
async function setup(folder: string): Promise<string> {
  const program = [process.execPath, join(dist, 'main.js'), 'setup', '--engine-dir', folder];
  const code = `${ordinaryUser}\nimport os\nos.execv(sys.argv[1], sys.argv[1:])`;
  const child = spawn(installation.python, ['-I', '-S', '-c', code, ...program]);
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  await once(child, 'close');
  return said;
}

/** A Python of one of these kinds, and what turns it into a good one. */
function badPython(body: string | undefined) {
  const path = script(body ?? '');
  if (body === undefined) rmSync(path);
  if (body === 'chmod') chmodSync(path, 0o644);
  const mend = () => {
    writeFileSync(path, `#!/bin/sh\nexec '${installation.python}' "$@"\n`);
    chmodSync(path, 0o755);
  };
  return { path, mend };
}

describe('Engine, Python and the installation at fault', () => {
  test.for(Object.entries(pythons))(
    'Python missing, too old, printing rubbish or dying, before the engine is installed: it %s',
    async ([, body]) => {
      const { path, mend } = badPython(body);
      const folder = temporaryFolder();
      await expectMendable(
        { python: path, engineDir: folder },
        /needs Python 3\.10 or later .*(is Python 3\.8|is no Python|cannot be run).*--python PATH/s,
        () => {
          mend();
          cpSync(home, join(folder, basename(home)), { recursive: true });
        },
      );
    },
  );

  test.for(Object.entries(pythons))(
    'Python missing, too old, printing rubbish or dying, after the engine was installed: it %s',
    async ([, body]) => {
      const { path, mend } = badPython(body);
      await expectMendable(
        { python: path, engineDir: engineDir() },
        /could not be started with .*Nothing was changed\..*--python PATH/s,
        mend,
      );
    },
  );

  test('parts of the installed engine missing, cut off or replaced', async ({ task }) => {
    const library = readdirSync(join(installation.folder, 'anki')).find((name) =>
      /^_rsbridge.*\.(so|pyd)$/.test(name),
    );
    const binary = join('wheel', 'anki', library ?? '');
    const size = statSync(join(home, binary)).size;
    const damages: ((folder: string) => void)[] = [
      ...[0, 1, 64, 4096, Math.floor(size / 2)].map(
        (length) => (folder: string) => truncateSync(join(folder, binary), length),
      ),
      (folder) => rmSync(join(folder, binary)),
      (folder) => writeFileSync(join(folder, binary), 'this is no library'),
      (folder) => writeFileSync(join(folder, binary), Buffer.alloc(100_000, 7)),
      (folder) => rmSync(join(folder, 'wheel', 'anki'), { recursive: true }),
      (folder) => rmSync(join(folder, 'wheel'), { recursive: true }),
      (folder) => {
        const ready = JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8'));
        ready.tables.descriptors = [];
        writeFileSync(join(folder, 'ready.json'), JSON.stringify(ready));
      },
      (folder) => {
        const ready = JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8'));
        ready.tables.descriptors = ['//////8='];
        writeFileSync(join(folder, 'ready.json'), JSON.stringify(ready));
      },
    ];
    for (const damage of damages) {
      const folder = engineDir();
      const held = join(folder, basename(home));
      damage(held);
      const says = new RegExp(
        `could not be started .*delete ${held}, and the next call installs it anew`,
        's',
      );
      await expectMendable({ engineDir: folder }, says, () => {
        rmSync(held, { recursive: true });
        cpSync(home, held, { recursive: true });
      });
    }
    task.meta.cases = damages.length;
  });

  test('a half-made installation, and no way to fetch another', async ({ task }) => {
    useIndex('http://127.0.0.1:9/simple');
    const whole = readFileSync(join(home, 'ready.json'));
    const halves = [undefined, '', '{}', whole.subarray(0, whole.length / 2), whole.subarray(1)];
    for (const half of halves) {
      const folder = engineDir();
      const ready = join(folder, basename(home), 'ready.json');
      if (half === undefined) rmSync(ready);
      else writeFileSync(ready, half);
      mkdirSync(join(folder, 'draft-leftover', 'wheel'), { recursive: true });
      await expectMendable({ engineDir: folder }, /could not be installed .*network access/s, () =>
        writeFileSync(ready, whole),
      );
      expect(readdirSync(folder).toSorted()).toEqual([basename(home), 'draft-leftover']);
    }
    task.meta.cases = halves.length;
  });

  test('a cache folder that cannot be made or written: told with what to do', async ({ task }) => {
    const obstacles: ((path: string) => string)[] = [
      (path) => {
        writeFileSync(path, '');
        return path;
      },
      (path) => {
        writeFileSync(path, '');
        return join(path, 'below', 'it');
      },
      (path) => {
        symlinkSync(path, path);
        return path;
      },
    ];
    for (const obstacle of obstacles) {
      const path = join(temporaryFolder(), 'engines');
      const folder = obstacle(path);
      await expectMendable({ engineDir: folder }, /cannot be kept in .*--engine-dir PATH/s, () => {
        rmSync(path);
        cpSync(home, join(folder, basename(home)), { recursive: true });
      });
    }
    const folder = engineDir();
    renameSync(join(folder, basename(home)), join(folder, 'aside'));
    chmodSync(folder, 0o555);
    expect(await setup(folder)).toMatch(/cannot be kept in .*--engine-dir PATH/s);
    chmodSync(folder, 0o755);
    renameSync(join(folder, 'aside'), join(folder, basename(home)));
    expect(await setup(folder)).toMatch(/is ready in/);
    task.meta.cases = obstacles.length + 1;
  });

  const indices: Record<string, RequestListener | undefined> = {
    'not there': undefined,
    'without the package': (_, response) => response.writeHead(404).end(),
    'out of order': (_, response) => response.writeHead(500).end(),
    'of garbage': (_, response) => response.end('\0'.repeat(1000)),
    'that breaks off': (request) => request.socket.destroy(),
    'that never answers': () => {},
  };
  test.for(Object.entries(indices))(
    'a package index that is down, has no such package or talks rubbish: %s',
    async ([, listener]) => {
      const index = listener ? await startIndex(listener) : undefined;
      useIndex(index?.url ?? 'http://127.0.0.1:9/simple');
      const folder = temporaryFolder();
      await expectMendable(
        { engineDir: folder },
        /could not be installed with uv or pip.*What they said: ./s,
        () => {
          expect(readdirSync(folder)).toEqual([]);
          cpSync(home, join(folder, basename(home)), { recursive: true });
        },
      );
      index?.close();
    },
  );

  test('a wheel that is not the published one, refused by its hash', async () => {
    const served = temporaryFolder();
    const index = await startIndex(onlyWheel(repacked(installation, served, version())));
    useIndex(index.url);
    const folder = temporaryFolder();
    await expectMendable({ engineDir: folder }, /could not be installed .*hash/is, () => {
      expect(readdirSync(folder)).toEqual([]);
      vi.unstubAllEnvs();
    });
    expect(existsSync(join(folder, basename(home), 'ready.json'))).toBe(true);
    index.close();
  });

  test('four processes that install at the same time, two of them killed on the way', async ({ task }) => {
    const folder = temporaryFolder();
    const setup = () => spawn(process.execPath, [join(dist, 'main.js'), 'setup', '--engine-dir', folder]);
    const killed = [setup(), setup()];
    const [first, second] = [setup(), setup()];
    const ends = Promise.all([once(first, 'exit'), once(second, 'exit')]);
    for (const [at, child] of killed.entries()) {
      await sleep(300 * (at + 1));
      child.kill('SIGKILL');
    }
    expect((await ends).map(([code]) => code)).toEqual([0, 0]);
    const engine = new Engine({ collection: join(temporaryFolder(), 'c.anki2'), engineDir: folder, log });
    expect(await engine.call('version', {})).toBe(6);
    await engine.close();
    expect(readdirSync(folder)).toContain(basename(home));
    task.meta.cases = 4;
  });

  test('the program without the file that starts the engine', async () => {
    const copy = temporaryFolder();
    cpSync(dist, join(copy, 'dist'), { recursive: true });
    for (const name of ['package.json', 'tools.manifest.json'])
      cpSync(join(dist, '..', name), join(copy, name));
    const host = join(copy, 'dist', 'host.py');
    rmSync(host);
    const args = ['--collection', join(copy, 'collection.anki2')];
    const server = await builtServer(args, join(copy, 'dist', 'main.js'));
    expect((await server.call('deckNames')).text).toMatch(/could not be started .*host\.py/);
    cpSync(join(dist, 'host.py'), host);
    expect(await server.call('deckNames')).toEqual({ isError: false, text: '{"result":["Default"]}' });
    await server.close();
  });
});
