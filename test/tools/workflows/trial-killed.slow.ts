import { expect, onTestFinished, test } from 'vitest';
import type { Backend, Calls } from '../../../src/contract/backend.ts';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { Assistant } from '../../support/assistant.ts';
import { backendDouble } from '../../support/backend-double.ts';
import { faultyEngine } from '../../support/faulty-engine.ts';

test.each([
  ['before its second call', 'auto', 1, /the collection now has: 1 note changed, 1 tag added/],
  ['before its second call', 'never', 1, /1 tag added\. No backup was made before the commit/],
  ['before its first call', 'auto', 0, /\. Nothing was changed\.$/],
] as const)(
  'after the engine was killed in a commit %s, the error says what was carried out, and which backup restores it (--backup %s)',
  async (_, backup, killAt, expected) => {
    const { engine, add, next, close } = await faultyEngine();
    onTestFinished(close);
    await add('one');
    const [note = 0] = await engine.call('findNotes', { query: '' });
    let tags = -1;
    const dyingIn = (calls: Calls): Calls => {
      const inner: Calls = {
        ...calls,
        request: (name, params) => {
          if (name === 'addTags' && ++tags === killAt) next('death before');
          return calls.request(name, params);
        },
        together: (work) => work(inner),
      };
      return inner;
    };
    const dying: Backend = {
      ...backendDouble((name, params, options) => engine.request(name, params, options), engine),
      operate: (name, params, options) => engine.operate(name, params, options),
      copy: () => engine.copy(),
      backup: (folder) => engine.backup(folder),
      restore: (path, notes) => engine.restore(path, notes),
      together: (work, options) => engine.together((inner) => work(dyingIn(inner)), options),
    };
    const safeguard = new Safeguard({ confirm: 'never', backup });
    const assistant = await Assistant.of(dying, { safeguard });
    onTestFinished(() => assistant.close());
    const calls = ['first', 'second', 'third'].map((tag) => ({
      tool: 'addTags',
      args: { notes: [note], tags: tag },
    }));
    const tried = await assistant.call('trial', { calls });
    const { token } = Object(tried.result);
    const { isError, content } = await assistant.call('trial', { commit: token });
    expect(isError).toBe(true);
    const text = content[0]?.text ?? '';
    expect(text).toMatch(expected);
    expect(text).toContain(`Call ${killAt + 1} (addTags) failed`);
    const [, name] = /The backup (\S+) has the state before the commit/.exec(text) ?? [];
    expect(name !== undefined).toBe(backup === 'auto' && killAt > 0);
    if (name === undefined) return;
    expect(await engine.call('getNoteTags', { note })).toEqual(['first']);
    await assistant.call('backups', { action: 'restore', backup: name, whole: true });
    expect(await engine.call('getNoteTags', { note })).toEqual([]);
  },
);
