import { describe, expect, onTestFinished, test } from 'vitest';
import { actionNames } from '../../../src/contract/index.ts';
import type { Target } from '../../../src/cli/doctor/subject.ts';
import { startApi } from '../../support/api.ts';
import { temporaryEngine } from '../../support/collection.ts';
import * as fake from '../../support/fake-anki.ts';
import { anki, actionOf, reflects } from './anki.ts';
import { examined } from './examined.ts';

const key = 'k3y-of-anki';
const unsupported = fake.answers(null, 'unsupported action');
const noCollection = fake.answers(null, 'collection is not available');
const refusesKey = fake.answers(null, 'valid api key must be provided');

/** Examines Anki without looking for an engine, which would take time. */
const examinedDesktop = (target: Partial<Target>) =>
  examined({ python: '/nowhere/python', engineDir: '/nowhere', ...target });

async function program(behave: fake.Behaviour): Promise<string> {
  const server = await fake.fakeAnki(behave);
  onTestFinished(server.close);
  return server.url;
}

test('a healthy Anki receives four requests, none of which changes anything or opens a dialog', async () => {
  const { url, requests } = await anki();
  const { ok, of, wrong } = await examinedDesktop({ url });
  expect(ok).toBe(true);
  expect(wrong).toEqual([]);
  expect(of('port').says).toBe(`A program listens at ${url}.`);
  expect(of('actions').says).toBe(`All ${actionNames.length} actions are available.`);
  expect(of('profile').says).toBe('"User 1" is open.');
  const asked = requests.map(({ body }) => actionOf(body));
  expect(asked).toEqual(['version', 'apiReflect', 'getActiveProfile', 'deckNames']);
});

describe('the port', () => {
  test('nothing listens', async () => {
    const { ok, of, wrong } = await examinedDesktop({ url: await fake.deadUrl() });
    expect(ok).toBe(false);
    expect(wrong).toEqual(['port: failure']);
    expect(of('port').says).toMatch(/^Nothing listens at http:\S+\d\.$/);
    expect(of('port').next).toMatch(/Start Anki.*2055492159.*--url.*--collection PATH/);
    expect(of('dialog').state).toBe('skipped');
  });

  test.each([
    ['http://me:secret@127.0.0.1:8765', /^The address in --url cannot be reached: it must be like http/],
    ['http://no-such-host.invalid:8765', /^http:\/\/no-such-host\.invalid:8765 cannot be reached: E\w+\.$/],
  ])('an address that Anki-Connect cannot have: %s', async (url, says) => {
    const { ok, wrong, of, text } = await examinedDesktop({ url });
    expect(ok).toBe(false);
    expect(wrong).toEqual(['port: failure']);
    expect(of('port').says).toMatch(says);
    expect(text).not.toContain('secret');
  });

  test.each<[string, fake.Behaviour, RegExp]>([
    ['a web page', fake.answersText('<!doctype html><p>hello'), /with a web page, so it is not Anki-Connect/],
    ['a page that is not found', fake.answersText('none', '404 Not Found'), /with HTTP status 404/],
    ['a refusal', fake.answersText('', '403 Forbidden'), /with HTTP status 403/],
    ['text', fake.answersText('hello'), /with something that is not JSON/],
    ['other JSON', fake.answersText('{"jsonrpc": "2.0"}'), /with JSON that is not \{result, error\}/],
    ['an invalid error', fake.answersText('{"result": 1, "error": 5}'), /not \{result, error\}/],
    ['a version that is not a number', fake.answers('six'), /with something that is not a version/],
    [
      'another protocol',
      (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
      /with something that is not HTTP/,
    ],
    ['half a reply', fake.answersHalf(), /by closing the connection/],
    ['a reset', fake.resetsAfterReading, /by closing the connection/],
    ['an error', fake.answers(null, 'none of your business'), /with an error/],
  ])('another program: %s', async (_name, behave, says) => {
    const { ok, of, wrong } = await examinedDesktop({ url: await program(behave), apiKey: key });
    expect(ok).toBe(false);
    expect(wrong).toEqual(['Anki-Connect: failure']);
    expect(of('port').state).toBe('ok');
    expect(of('Anki-Connect').says).toMatch(says);
    expect(of('Anki-Connect').next).toMatch(/another program uses the port/);
  });

  test('no reply, or a reply without an end, which may be a dialog', async () => {
    const judge = async (behave: fake.Behaviour, says: RegExp): Promise<void> => {
      const { of, wrong } = await examinedDesktop({ url: await program(behave) });
      expect(wrong).toEqual(['Anki-Connect: failure']);
      expect(of('Anki-Connect').says).toMatch(says);
      expect(of('Anki-Connect').next).toMatch(/another program uses the port/);
      expect(of('Anki-Connect').next?.includes('A dialog may be open')).toBe(/in time/.test(says.source));
    };
    const late = /accepts connections, but did not reply in time/;
    await Promise.all([judge(fake.hangs, late), judge(() => {}, late), judge(fake.answersEndlessly, /repl/)]);
  });
});

describe('the add-on', () => {
  test('an add-on without apiReflect and getActiveProfile is too old', async () => {
    const { url } = await anki({ apiReflect: unsupported, getActiveProfile: unsupported });
    const { ok, of, wrong } = await examinedDesktop({ url });
    expect(ok).toBe(true);
    expect(wrong).toEqual(['actions: warning', 'profile: warning']);
    expect(of('actions').next).toMatch(/Update the add-on/);
    expect(of('profile').says).toMatch(/A profile is open\. The add-on is too old to report which one/);
  });

  test('missing actions are listed', async () => {
    const newer = ['guiAddNoteSetData', 'findAndReplaceInModels', 'setDueDate'];
    const { url } = await anki({ apiReflect: reflects(actionNames.filter((name) => !newer.includes(name))) });
    const { of, wrong } = await examinedDesktop({ url });
    expect(wrong).toEqual(['actions: warning']);
    expect(of('actions').says).toBe(
      `${actionNames.length - 3} of ${actionNames.length} actions are available. Missing: findAndReplaceInModels, guiAddNoteSetData, setDueDate.`,
    );
    expect(of('actions').next).toMatch(/Check for Updates/);
  });

  test('an action that no release has causes no warning', async () => {
    const released = actionNames.filter((name) => name !== 'guiAddNoteSetData');
    const { url } = await anki({ apiReflect: reflects([...released, 'gradeNow']) });
    const { of } = await examinedDesktop({ url });
    expect(of('actions').state).toBe('ok');
    expect(of('actions').says).toMatch(/guiAddNoteSetData is in no release/);
  });

  test('an old API is reported', async () => {
    const { url } = await anki({ version: fake.answers(5) });
    const { of, wrong } = await examinedDesktop({ url });
    expect(wrong).toEqual(['version: failure']);
    expect(of('version').says).toBe('The API has version 5; ankiwright needs 6.');
  });
});

describe('the profile', () => {
  test.each<[string, Readonly<Record<string, fake.Behaviour>>]>([
    ['as a new add-on reports it', { getActiveProfile: fake.answers(null), deckNames: noCollection }],
    ['as seen with an old add-on', { getActiveProfile: unsupported, deckNames: noCollection }],
  ])('none is open, %s', async (_name, exceptions) => {
    const { url } = await anki(exceptions);
    const { ok, of } = await examinedDesktop({ url });
    expect(ok).toBe(false);
    expect(of('profile')).toMatchObject({ state: 'failure', says: 'No profile is open in Anki.' });
    expect(of('dialog').state).toBe('skipped');
  });

  test('another profile than --profile is open', async () => {
    const { url } = await anki();
    const { of } = await examinedDesktop({ url, profile: 'Spanish' });
    expect(of('profile').state).toBe('failure');
    expect(of('profile').says).toBe('"User 1" is open, and --profile is "Spanish".');
    expect(of('profile').next).toMatch(/Switch Profile.*close Anki/);
  });

  test('a name from another program stays on its line', async () => {
    const { url } = await anki({
      getActiveProfile: fake.answers(`a\n   → b\u001b[2J\u202ec${'d'.repeat(5000)}`),
    });
    const { of, text } = await examinedDesktop({ url });
    expect(of('profile').says).toMatch(/^"a {4}→ b \[2J cd+…$/);
    expect(text).not.toMatch(/\n {3}→ b|\u001b|\u202e/);
    expect(text.length).toBeLessThan(5000);
  });
});

describe('a dialog', () => {
  test('Anki-Connect replies, but a call to Anki does not', async () => {
    const judge = async (action: string): Promise<void> => {
      const { url, requests } = await anki({ [action]: fake.hangs });
      const { ok, of } = await examinedDesktop({ url });
      expect(ok).toBe(false);
      expect(of('Anki-Connect').state).toBe('ok');
      expect(of('dialog').says).toMatch(/replies, but a call to Anki got no reply in time/);
      expect(of('dialog').next).toMatch(/A dialog may be open in Anki/);
      expect(actionOf(requests.at(-1)?.body ?? '')).toBe(action); // no request follows a timeout
    };
    await Promise.all(['apiReflect', 'getActiveProfile', 'deckNames'].map(judge));
  });

  test('the error of an unreadable collection is shown without the key', async () => {
    const { url } = await anki({ deckNames: fake.answers(null, `no column ${key}`) });
    const { of } = await examinedDesktop({ url, apiKey: key });
    expect(of('dialog').says).toMatch(/replied: no column \*\*\*\.$/);
  });

  test('an Anki that quits during the checks is reported', async () => {
    const { url } = await anki({ deckNames: fake.resetsAfterReading });
    const { of } = await examinedDesktop({ url });
    expect(of('dialog')).toMatchObject({ state: 'failure' });
    expect(of('dialog').says).toMatch(/replied by closing the connection\.$/);
  });
});

describe('the key, with the real API', () => {
  test.each<[string, string | null, string | undefined, string, RegExp]>([
    ['none on either side', null, undefined, 'ok', /needs no key/],
    ['the correct one', key, key, 'ok', /accepts the key/],
    ['missing', key, undefined, 'failure', /needs a key, and none is set/],
    ['wrong', key, 'another-k3y', 'failure', /refuses the key\./],
    ['unneeded', null, key, 'failure', /has no key set, and refuses requests with a key/],
  ])('%s', async (_name, theirs, apiKey, state, says) => {
    const { engine, folder, close } = temporaryEngine();
    const api = await startApi(engine, { apiKey: theirs });
    onTestFinished(async () => {
      await api.close();
      await close();
    });
    await engine.call('version', {});
    const { of, ok } = await examined({ url: api.url, apiKey }, undefined, folder);
    expect(of('key')).toMatchObject({ state, says: expect.stringMatching(says) });
    expect(of('Anki-Connect').state).toBe('ok');
    expect(ok).toBe(state === 'ok');
    const isChecked = state === 'ok' || apiKey === key; // without the unneeded key the other checks succeed
    expect(of('dialog').state).toBe(isChecked ? 'ok' : 'skipped');
  });

  test('a key is wrong if requests with and without it are refused', async () => {
    const { of } = await examinedDesktop({ url: await program(refusesKey), apiKey: key });
    expect(of('key').next).toMatch(/Tools > Add-ons > AnkiConnect > Config/);
  });
});

test('with --collection, Anki receives no request', async () => {
  const { url, requests } = await anki();
  const { of } = await examinedDesktop({ url, collection: '/nowhere/collection.anki2' });
  expect(of('port')).toEqual(expect.objectContaining({ state: 'skipped' }));
  expect(requests).toEqual([]);
});
