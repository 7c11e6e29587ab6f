import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/cli/config.ts';
import { openBackend } from '../../src/cli/open-backend.ts';
import { backendDouble } from '../support/backend-double.ts';
import { whenNeeded } from '../../src/contract/backend.ts';
import { StartedServer } from '../support/started-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const instructionsWith = async (...args: string[]) =>
  (await StartedServer.start(...args)).client.getInstructions() ?? '';

test('the instructions mention only tools that are offered, workflows first, in at most 2,000 characters', async () => {
  const all = await instructionsWith();
  expect(all).toMatch(/workflows first.*saveNotes.*study.*\n.*runs several actions/);
  expect(all).toContain('Every action of Anki-Connect is available');
  expect(all).toContain('Writes report what they changed');
  expect(all.length).toBeLessThanOrEqual(2000);
  const readOnly = await instructionsWith('--read-only');
  expect(readOnly).not.toMatch(
    /saveNotes|addTags|deleteNotes|guiUndo|study|multi|Every action|Writes|not listed/,
  );
  expect(readOnly).toContain('searchNotes');
  const single = await instructionsWith('--tools', 'notesInfo');
  expect(single).not.toMatch(/overview|searchNotes|insights|findNotes|runAction|workflows/);
  expect(single).toContain('only the listed tools');
  expect(await instructionsWith('--exclude-tools', 'guiUndo')).not.toContain('guiUndo');
});

test('the instructions say that sync is automatic, if it is', async () => {
  const args = ['--collection', join(temporaryFolder(), 'collection.anki2'), '--sync-user', 'me'];
  expect(await instructionsWith(...args)).not.toContain('Sync is automatic');
  const automatic = await instructionsWith(...args, '--sync', 'auto');
  expect(automatic).toContain('Sync is automatic');
  expect(automatic.length).toBeLessThanOrEqual(2000);
});

test('with the core toolset, the instructions say how to reach the other actions', async () => {
  const core = await instructionsWith('--toolsets', 'core');
  expect(core).toContain('Actions that are not listed');
  expect(core).toContain('runAction: without params it returns the input schema');
  expect(core).not.toContain('only the listed tools');
  expect(core.length).toBeLessThanOrEqual(2000);
  expect(await instructionsWith('--toolsets', 'core', '--read-only')).toContain(
    'Actions that are not listed',
  );
  expect(await instructionsWith('--toolsets', 'core', '--exclude-tools', 'runAction')).toContain(
    'only the listed tools',
  );
});

test('--read-only creates no missing collection', async () => {
  const collection = join(temporaryFolder(), 'collection.anki2');
  const backend = openBackend(readConfig(['--collection', collection, '--read-only'], {}), () => {});
  await expect(backend.call('deckNames', {})).rejects.toThrow('does not exist, and --read-only creates none');
  expect(existsSync(collection)).toBe(false);
  await backend.close();
});

test('a call after a failed open tries again', async () => {
  let attempts = 0;
  const backend = whenNeeded('engine', 'x', async () => {
    if (++attempts < 3) throw new Error(`attempt ${attempts}`);
    return backendDouble(async () => {
      throw new Error('opened');
    });
  });
  await expect(backend.load?.()).rejects.toThrow('attempt 1');
  await expect(backend.call('version', {})).rejects.toThrow('attempt 2');
  await expect(backend.call('version', {})).rejects.toThrow('opened');
  await backend.close();
});
