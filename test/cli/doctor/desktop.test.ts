import { describe, expect, onTestFinished, test } from 'vitest';
import { actionNames } from '../../../src/contract/index.ts';
import type { Target } from '../../../src/cli/doctor/subject.ts';
import { serving } from '../../support/api.ts';
import { temporaryEngine } from '../../support/collection.ts';
import * as fake from '../../support/fake-anki.ts';
import { anki, askedFor, reflects } from './anki.ts';
import { examined } from './examined.ts';

const key = 'k3y-of-anki';
const old = fake.answers(null, 'unsupported action');
const closed = fake.answers(null, 'collection is not available');
const refusesKey = fake.answers(null, 'valid api key must be provided');

/** Without an engine, which would only take time. */
const looked = (target: Partial<Target>) =>
  examined({ python: '/nowhere/python', engineDir: '/nowhere', ...target });

async function program(behave: fake.Behaviour): Promise<string> {
  const server = await fake.fakeAnki(behave);
  onTestFinished(server.close);
  return server.url;
}

test('a healthy Anki is asked four things, none of which changes it or opens a dialog', async () => {
  const { url, requests } = await anki();
  const { ok, of, wrong } = await looked({ url });
  expect(ok).toBe(true);
  expect(wrong).toEqual([]);
  expect(of('port').says).toBe(`Something listens at ${url}.`);
  expect(of('actions').says).toBe(`All ${actionNames.length} actions are there.`);
  expect(of('profile').says).toBe('"User 1" is open.');
  const asked = requests.map(({ body }) => askedFor(body));
  expect(asked).toEqual(['version', 'apiReflect', 'getActiveProfile', 'deckNames']);
});

describe('what is on the port', () => {
  test('nothing', async () => {
    const { ok, of, wrong } = await looked({ url: await fake.deadUrl() });
    expect(ok).toBe(false);
    expect(wrong).toEqual(['port: failure']);
    expect(of('port').says).toMatch(/^Nothing listens at http:\S+\d\.$/);
    expect(of('port').next).toMatch(/Start Anki.*2055492159.*--url.*--collection PATH/);
    expect(of('dialog').state).toBe('skipped');
  });

  test.each([
    ['http://me:secret@127.0.0.1:8765', /^The given --url cannot be reached: it must be like http/],
    ['http://no-such-host.invalid:8765', /^http:\/\/no-such-host\.invalid:8765 cannot be reached: E\w+\.$/],
  ])('no place of Anki-Connect: %s', async (url, says) => {
    const { ok, wrong, of, text } = await looked({ url });
    expect(ok).toBe(false);
    expect(wrong).toEqual(['port: failure']);
    expect(of('port').says).toMatch(says);
    expect(text).not.toContain('secret');
  });

  test.each<[string, fake.Behaviour, RegExp]>([
    ['a web page', fake.answersText('<!doctype html><p>hello'), /with a web page: that is not Anki-Connect/],
    ['a page that is not found', fake.answersText('none', '404 Not Found'), /with HTTP status 404/],
    ['a door that is shut', fake.answersText('', '403 Forbidden'), /with HTTP status 403/],
    ['text', fake.answersText('hello'), /with something that is no JSON/],
    ['other JSON', fake.answersText('{"jsonrpc": "2.0"}'), /with JSON that is not \{result, error\}/],
    ['an error that is none', fake.answersText('{"result": 1, "error": 5}'), /not \{result, error\}/],
    ['no number', fake.answers('six'), /with something else than a version/],
    ['no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), /with something that is no HTTP/],
    ['half a reply', fake.answersHalf(), /by closing the connection/],
    ['a reset', fake.resetsAfterReading, /by closing the connection/],
    ['an error', fake.answers(null, 'none of your business'), /with an error/],
  ])('another program: %s', async (_name, behave, says) => {
    const { ok, of, wrong } = await looked({ url: await program(behave), apiKey: key });
    expect(ok).toBe(false);
    expect(wrong).toEqual(['Anki-Connect: failure']);
    expect(of('port').state).toBe('ok');
    expect(of('Anki-Connect').says).toMatch(says);
    expect(of('Anki-Connect').next).toMatch(/another program uses the port/);
  });

  test('silence, or no end of an answer, which may be a dialog', async () => {
    const judge = async (behave: fake.Behaviour, says: RegExp): Promise<void> => {
      const { of, wrong } = await looked({ url: await program(behave) });
      expect(wrong).toEqual(['Anki-Connect: failure']);
      expect(of('Anki-Connect').says).toMatch(says);
      expect(of('Anki-Connect').next).toMatch(/another program uses the port/);
      expect(of('Anki-Connect').next?.includes('A dialog may be open')).toBe(/in time/.test(says.source));
    };
    const late = /takes connections, but did not answer in time/;
    await Promise.all([
      judge(fake.hangs, late),
      judge(() => {}, late),
      judge(fake.answersEndlessly, /answer/),
    ]);
  });
});

describe('the add-on', () => {
  test('one that does not know apiReflect and getActiveProfile is too old', async () => {
    const { url } = await anki({ apiReflect: old, getActiveProfile: old });
    const { ok, of, wrong } = await looked({ url });
    expect(ok).toBe(true);
    expect(wrong).toEqual(['actions: warning', 'profile: warning']);
    expect(of('actions').next).toMatch(/Update the add-on/);
    expect(of('profile').says).toMatch(/One is open; the add-on is too old to tell which/);
  });

  test('actions that it lacks are named', async () => {
    const newer = ['guiAddNoteSetData', 'findAndReplaceInModels', 'setDueDate'];
    const { url } = await anki({ apiReflect: reflects(actionNames.filter((name) => !newer.includes(name))) });
    const { of, wrong } = await looked({ url });
    expect(wrong).toEqual(['actions: warning']);
    expect(of('actions').says).toBe(
      `${actionNames.length - 3} of ${actionNames.length} actions are there. Missing: findAndReplaceInModels, guiAddNoteSetData, setDueDate.`,
    );
    expect(of('actions').next).toMatch(/Check for Updates/);
  });

  test('an action that no release has is nothing to worry about', async () => {
    const released = actionNames.filter((name) => name !== 'guiAddNoteSetData');
    const { url } = await anki({ apiReflect: reflects([...released, 'gradeNow']) });
    const { of } = await looked({ url });
    expect(of('actions').state).toBe('ok');
    expect(of('actions').says).toMatch(/guiAddNoteSetData is in no release/);
  });

  test('an old API is told', async () => {
    const { url } = await anki({ version: fake.answers(5) });
    const { of, wrong } = await looked({ url });
    expect(wrong).toEqual(['version: failure']);
    expect(of('version').says).toBe('The API is version 5; ankiwright speaks 6.');
  });
});

describe('the profile', () => {
  test.each<[string, Readonly<Record<string, fake.Behaviour>>]>([
    ['as a new add-on tells', { getActiveProfile: fake.answers(null), deckNames: closed }],
    ['as an old one lets it show', { getActiveProfile: old, deckNames: closed }],
  ])('none is open, %s', async (_name, odd) => {
    const { url } = await anki(odd);
    const { ok, of } = await looked({ url });
    expect(ok).toBe(false);
    expect(of('profile')).toMatchObject({ state: 'failure', says: 'No profile is open in Anki.' });
    expect(of('dialog').state).toBe('skipped');
  });

  test('another one than --profile is open', async () => {
    const { url } = await anki();
    const { of } = await looked({ url, profile: 'Spanish' });
    expect(of('profile').state).toBe('failure');
    expect(of('profile').says).toBe('"User 1" is open, and --profile is "Spanish".');
    expect(of('profile').next).toMatch(/Switch Profile.*close Anki/);
  });

  test('what a stranger calls itself stays within its line', async () => {
    const { url } = await anki({
      getActiveProfile: fake.answers(`a\n   → b\u001b[2J\u202ec${'d'.repeat(5000)}`),
    });
    const { of, text } = await looked({ url });
    expect(of('profile').says).toMatch(/^"a {4}→ b \[2J cd+…$/);
    expect(text).not.toMatch(/\n {3}→ b|\u001b|\u202e/);
    expect(text.length).toBeLessThan(5000);
  });
});

describe('a dialog', () => {
  test('Anki-Connect answers, and a call to Anki has no answer', async () => {
    const judge = async (action: string): Promise<void> => {
      const { url, requests } = await anki({ [action]: fake.hangs });
      const { ok, of } = await looked({ url });
      expect(ok).toBe(false);
      expect(of('Anki-Connect').state).toBe('ok');
      expect(of('dialog').says).toMatch(/answers, but a call to Anki had no answer in time/);
      expect(of('dialog').next).toMatch(/A dialog may be open in Anki/);
      expect(askedFor(requests.at(-1)?.body ?? '')).toBe(action); // behind it, nothing more is asked
    };
    await Promise.all(['apiReflect', 'getActiveProfile', 'deckNames'].map(judge));
  });

  test('a collection that cannot be read is told in its words, without the key', async () => {
    const { url } = await anki({ deckNames: fake.answers(null, `no column ${key}`) });
    const { of } = await looked({ url, apiKey: key });
    expect(of('dialog').says).toMatch(/but: no column \*\*\*\.$/);
  });

  test('Anki that goes away in between is told', async () => {
    const { url } = await anki({ deckNames: fake.resetsAfterReading });
    const { of } = await looked({ url });
    expect(of('dialog')).toMatchObject({ state: 'failure' });
    expect(of('dialog').says).toMatch(/but by closing the connection\.$/);
  });
});

describe('the key, on the real API', () => {
  test.each<[string, string | null, string | undefined, string, RegExp]>([
    ['none on either side', null, undefined, 'ok', /needs none/],
    ['the one that fits', key, key, 'ok', /takes the one given/],
    ['needed', key, undefined, 'failure', /needs a key, and none was given/],
    ['wrong', key, 'another-k3y', 'failure', /refuses the key that was given/],
    ['superfluous', null, key, 'failure', /has no key, and refuses the one that was given/],
  ])('%s', async (_name, theirs, apiKey, state, says) => {
    const { engine, folder, close } = temporaryEngine();
    const api = await serving(engine, { apiKey: theirs });
    onTestFinished(async () => {
      await api.close();
      await close();
    });
    await engine.call('version', {});
    const { of, ok } = await examined({ url: api.url, apiKey }, undefined, folder);
    expect(of('key')).toMatchObject({ state, says: expect.stringMatching(says) });
    expect(of('Anki-Connect').state).toBe('ok');
    expect(ok).toBe(state === 'ok');
    const known = state === 'ok' || apiKey === key; // without the superfluous key the rest can be seen
    expect(of('dialog').state).toBe(known ? 'ok' : 'skipped');
  });

  test('a key that is refused both ways is wrong', async () => {
    const { of } = await looked({ url: await program(refusesKey), apiKey: key });
    expect(of('key').next).toMatch(/Tools > Add-ons > AnkiConnect > Config/);
  });
});

test('with --collection, Anki is not asked', async () => {
  const { url, requests } = await anki();
  const { of } = await looked({ url, collection: '/nowhere/collection.anki2' });
  expect(of('port')).toEqual(expect.objectContaining({ state: 'skipped' }));
  expect(requests).toEqual([]);
});
