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

/** Copies the installed engine into an empty folder for engines. */
function engineDir(): string {
  const folder = temporaryFolder();
  cpSync(home, join(folder, basename(home)), { recursive: true });
  return folder;
}

/** Expects an error that says what to do, and that the next call works after the repair. */
async function expectRepairable(
  options: { readonly python?: string; readonly engineDir: string },
  message: RegExp,
  repair: () => void,
): Promise<void> {
  const engine = new Engine({ collection: join(temporaryFolder(), 'collection.anki2'), log, ...options });
  const failure = await engine.call('createDeck', { deck: 'A' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Unreachable);
  expect(String(failure)).toMatch(message);
  repair();
  expect(await engine.call('deckNames', {})).toEqual(['Default']);
  await engine.close();
}

const pythons = {
  'is missing': undefined,
  'is not executable': 'chmod',
  'is too old': 'echo 3.8; echo "$0"; exit 0',
  'prints text': 'echo hello; echo world',
  'prints random bytes': 'head -c 100000 /dev/urandom',
  'prints nothing': 'exit 0',
  'exits at its start': 'echo no room >&2; exit 3',
  'is killed at its start': 'kill -9 $$',
};

/** Runs `setup` as a user who cannot write everywhere, and returns its output. */
async function setup(folder: string): Promise<string> {
  const program = [process.execPath, join(dist, 'main.js'), 'setup', '--engine-dir', folder];
  const code = `${ordinaryUser}\nimport os\nos.execv(sys.argv[1], sys.argv[1:])`;
  const child = spawn(installation.python, ['-I', '-S', '-c', code, ...program]);
  let output = '';
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  await once(child, 'close');
  return output;
}

/** Returns a Python that does not work, and a function that repairs it. */
function badPython(body: string | undefined) {
  const path = script(body ?? '');
  if (body === undefined) rmSync(path);
  if (body === 'chmod') chmodSync(path, 0o644);
  const repair = () => {
    writeFileSync(path, `#!/bin/sh\nexec '${installation.python}' "$@"\n`);
    chmodSync(path, 0o755);
  };
  return { path, repair };
}

describe('Engine: Python or installation broken', () => {
  test.for(Object.entries(pythons))(
    'Python missing, too old, with invalid output or crashing, before the engine is installed: it %s',
    async ([, body]) => {
      const { path, repair } = badPython(body);
      const folder = temporaryFolder();
      await expectRepairable(
        { python: path, engineDir: folder },
        /needs Python 3\.10 or later .*(is Python 3\.8|is not Python|cannot be run).*--python PATH/s,
        () => {
          repair();
          cpSync(home, join(folder, basename(home)), { recursive: true });
        },
      );
    },
  );

  test.for(Object.entries(pythons))(
    'Python missing, too old, with invalid output or crashing, after the engine was installed: it %s',
    async ([, body]) => {
      const { path, repair } = badPython(body);
      await expectRepairable(
        { python: path, engineDir: engineDir() },
        /(could not be started with .*Nothing was changed\.|needs Python 3\.10 or later).*--python PATH/s,
        repair,
      );
    },
  );

  test('parts of the installed engine missing, truncated or replaced: reported with the folder to delete', async ({
    task,
  }) => {
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
      const installed = join(folder, basename(home));
      damage(installed);
      const message = new RegExp(
        `could not be started .*Delete ${installed}: the next call then installs the engine again`,
        's',
      );
      await expectRepairable({ engineDir: folder }, message, () => {
        rmSync(installed, { recursive: true });
        cpSync(home, installed, { recursive: true });
      });
    }
    task.meta.cases = damages.length;
  });

  test('an incomplete installation without network access: reported, and other files are not changed', async ({
    task,
  }) => {
    useIndex('http://127.0.0.1:9/simple');
    const complete = readFileSync(join(home, 'ready.json'));
    const halves = [undefined, '', '{}', complete.subarray(0, complete.length / 2), complete.subarray(1)];
    for (const half of halves) {
      const folder = engineDir();
      const ready = join(folder, basename(home), 'ready.json');
      if (half === undefined) rmSync(ready);
      else writeFileSync(ready, half);
      mkdirSync(join(folder, 'draft-leftover', 'wheel'), { recursive: true });
      await expectRepairable({ engineDir: folder }, /could not be installed .*network access/s, () =>
        writeFileSync(ready, complete),
      );
      expect(readdirSync(folder).toSorted()).toEqual([basename(home), 'draft-leftover']);
    }
    task.meta.cases = halves.length;
  });

  test('a cache folder that cannot be created or written: reported with what to do', async ({ task }) => {
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
      await expectRepairable({ engineDir: folder }, /cannot be stored in .*--engine-dir PATH/s, () => {
        rmSync(path);
        cpSync(home, join(folder, basename(home)), { recursive: true });
      });
    }
    const folder = engineDir();
    renameSync(join(folder, basename(home)), join(folder, 'aside'));
    chmodSync(folder, 0o555);
    expect(await setup(folder)).toMatch(/cannot be stored in .*--engine-dir PATH/s);
    chmodSync(folder, 0o755);
    renameSync(join(folder, 'aside'), join(folder, basename(home)));
    expect(await setup(folder)).toMatch(/is ready in/);
    task.meta.cases = obstacles.length + 1;
  });

  const indices: Record<string, RequestListener | undefined> = {
    'no server': undefined,
    'without the package': (_, response) => response.writeHead(404).end(),
    'HTTP status 500': (_, response) => response.writeHead(500).end(),
    'random bytes': (_, response) => response.end('\0'.repeat(1000)),
    'a connection that breaks': (request) => request.socket.destroy(),
    'no reply': () => {},
  };
  test.for(Object.entries(indices))('a package index that does not work: %s', async ([, listener]) => {
    const index = listener ? await startIndex(listener) : undefined;
    useIndex(index?.url ?? 'http://127.0.0.1:9/simple');
    const folder = temporaryFolder();
    await expectRepairable(
      { engineDir: folder },
      /could not be installed with uv or pip.*Their output: ./s,
      () => {
        expect(readdirSync(folder)).toEqual([]);
        cpSync(home, join(folder, basename(home)), { recursive: true });
      },
    );
    index?.close();
  });

  test('a wheel that differs from the published one: refused by its hash', async () => {
    const served = temporaryFolder();
    const index = await startIndex(onlyWheel(repacked(installation, served, version())));
    useIndex(index.url);
    const folder = temporaryFolder();
    await expectRepairable({ engineDir: folder }, /could not be installed .*hash/is, () => {
      expect(readdirSync(folder)).toEqual([]);
      vi.unstubAllEnvs();
    });
    expect(existsSync(join(folder, basename(home), 'ready.json'))).toBe(true);
    index.close();
  });

  test('four processes that install at the same time, two of them killed: the others succeed', async ({
    task,
  }) => {
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

  test('the program without its file host.py: reported, and works after the file is restored', async () => {
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
