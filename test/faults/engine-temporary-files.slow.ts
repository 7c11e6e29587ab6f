import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryEngine } from '../support/collection.ts';
import { eventually } from '../support/eventually.ts';
import { hostPython } from '../support/host-python.ts';
import { addNotes, series } from '../support/guarded-server.ts';

const own = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`ankiwright-engine-${process.pid}-`));
const files = () => own().flatMap((name) => readdirSync(join(tmpdir(), name)));

describe('Engine: process killed (SIGKILL)', () => {
  test('while it writes temporary files: none of them stays in the temporary folder', async () => {
    const python = await hostPython();
    const { engine, folder, close } = temporaryEngine({ python: python.path });
    onTestFinished(close);
    await addNotes(engine, 'D', series('note', 3000));
    let seen = 0;
    for (let round = 0; round < 5; round++) {
      await engine.call('findCards', { query: 'deck:D' });
      let isOver = false;
      const path = join(folder, 'export.apkg');
      const exporting = engine
        .call('exportPackage', { deck: 'D', path, includeSched: true })
        .catch(() => false)
        .finally(() => (isOver = true));
      const isWorking = () => !isOver;
      while (isWorking() && files().length === 0) await sleep(1);
      seen += files().length;
      python.signal('SIGKILL');
      await exporting;
      await eventually(() => expect(own()).toEqual([]));
    }
    expect(seen).toBeGreaterThan(0);
  });
});
