import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { examine } from '../../../src/cli/doctor/examine.ts';
import { examineSpace } from '../../../src/cli/doctor/machine.ts';
import { examineNode } from '../../../src/cli/doctor/node.ts';
import { asJson, asText } from '../../../src/cli/doctor/report.ts';
import { Engine } from '../../../src/backends/engine/engine.ts';
import * as fake from '../../support/fake-anki.ts';
import { anki } from './anki.ts';
import { examined, newFolder, system, thisProgram } from './examined.ts';

const MB = 1024 * 1024;

test.each([
  ['18.20.8', 'failure'],
  ['20.18.3', 'failure'],
  ['20.19.0', 'ok'],
  ['20.20.2', 'ok'],
  ['22.0.0', 'ok'],
  ['100.1.0', 'ok'],
])('Node %s: %s', (version, state) => {
  const finding = examineNode(version);
  expect(finding.state).toBe(state);
  expect(finding.next === undefined).toBe(state === 'ok');
});

test.each([
  [19 * MB, 'failure', /^19 MB are free at \/f\.$/],
  [20 * MB, 'warning', /^20 MB/],
  [199 * MB, 'warning', /^199 MB/],
  [200 * MB, 'ok', /^200 MB/],
  [5000 * MB, 'ok', /^4 GB/],
])('%d bytes of free space', (bytes, state, says) => {
  expect(examineSpace('/f', bytes)).toMatchObject({ state, says: expect.stringMatching(says) });
});

test('the disk is checked where files will be written', async () => {
  const [folder, engineDir] = [newFolder(), newFolder()];
  const foldersOf = async (...args: Parameters<typeof examined>): Promise<(string | undefined)[]> =>
    (await examined(...args)).checks
      .filter(({ name }) => name === 'disk')
      .map(({ says }) => / free at (.*)\.$/.exec(says)?.[1]);
  const collection = join(folder, 'not', 'yet', 'collection.anki2');
  expect(await foldersOf({ collection, engineDir: join(engineDir, 'not', 'yet') })).toEqual([
    folder,
    engineDir,
  ]);
  const { url } = await anki();
  expect(await foldersOf({ url })).toEqual([undefined]);
  expect(await foldersOf({ url, ankiFolder: folder })).toEqual([folder]);
});

/** Creates a collection whose last review has this time. */
async function collectionOf(time: number): Promise<string> {
  const collection = join(newFolder(), 'collection.anki2');
  const engine = new Engine({ collection, log: () => {} });
  const [card = 0] = await engine.call('findCards', { query: '' });
  await engine.call('insertReviews', { reviews: [[time, card, -1, 3, 4, -60, 2500, 6157, 0]] });
  await engine.close();
  return collection;
}

test('a wrong clock is reported, with what depends on it', async () => {
  const now = Date.now();
  const collection = await collectionOf(now + 60_000);
  expect((await examined({ collection })).of('clock').state).toBe('ok');
  const { ok, of } = await examined({ collection: await collectionOf(now + 3_600_000) });
  expect(ok).toBe(true);
  expect(of('clock').state).toBe('warning');
  expect(of('clock').says).toMatch(/last changed at \d{4}-\d\d-\d\d \d\d:\d\d UTC: the clock is slow now/);
  expect(of('clock').next).toMatch(/due dates and review times/);
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-02-03T04:05:06Z') });
  onTestFinished(() => void vi.useRealTimers());
  const past = await examined({ collection });
  expect(past.ok).toBe(false);
  expect(past.of('clock')).toMatchObject({
    state: 'failure',
    says: 'The clock says 2001-02-03 04:05 UTC, which is in the past.',
  });
});

test('an error in one check is reported and does not affect the others', async () => {
  const folder = newFolder();
  const python = join(folder, 'python');
  writeFileSync(
    python,
    '#!/bin/sh\ncase "$*" in *collection-probe.py*) echo garbage;; *) echo 3.12; echo "$0";; esac\n',
  );
  chmodSync(python, 0o755);
  const collection = await collectionOf(Date.now());
  const { ok, of } = await examined({ collection, python });
  expect(ok).toBe(false);
  expect(of('lock').says).toMatch(/^This check failed: \S+ printed something else/);
  expect(of('disk').state).toBe('ok');
  expect(of('Node').state).toBe('ok');
});

test('a check without a response ends after the timeout', async () => {
  const server = await fake.fakeAnki(fake.hangs);
  onTestFinished(server.close);
  const { ok, checks } = await examine({ url: server.url }, thisProgram, system(), 300);
  expect(ok).toBe(false);
  const late = checks.filter(({ says }) => says === 'This check took longer than 0.3 s and was stopped.');
  expect(late.map(({ name }) => name)).toContain('Anki-Connect');
  expect(checks.find(({ name }) => name === 'clock')?.state).toBe('ok');
});

test('the report has the failures first and the skipped checks in one line, or is JSON', async () => {
  const { url } = await anki({ getActiveProfile: fake.answers(null) });
  const home = newFolder();
  mkdirSync(join(home, 'empty'));
  const report = await examine({ url }, thisProgram, system(home));
  const text = asText(report);
  expect(text).toMatch(/^x {2}profile: No profile is open in Anki\.\n {3}→ Choose one in Anki\.\n! /);
  expect(text).toMatch(/\nok Node: This is Node .*\n/);
  expect(text).toMatch(/\n- {2}skipped: .*collection, .*\n/);
  expect(text.match(/^- /gm)).toHaveLength(1);
  expect(text).toMatch(/\n\n1 failure, \d warnings?\.\n$/);
  const { fixable, ...shown } = report;
  expect(fixable).toEqual([]);
  expect(JSON.parse(asJson(report))).toEqual(shown);
  const names = report.checks.map(({ name }) => name);
  expect(names.filter((name) => name !== 'client')).toEqual([
    'Node',
    'port',
    'Anki-Connect',
    'key',
    'version',
    'actions',
    'profile',
    'dialog',
    'add-on',
    'Python',
    'installer',
    'engine',
    'collection',
    'lock',
    'disk',
    'clock',
  ]);
  expect(asText({ ok: true, checks: [{ name: 'Node', state: 'ok', says: 'Yes.' }] })).toBe(
    'ok Node: Yes.\n\nNo problems found.\n',
  );
});
