import { expect, onTestFinished, test } from 'vitest';
import { Assistant } from '../../support/assistant.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { faultyEngine } from '../../support/faulty-engine.ts';
import { hostPython } from '../../support/host-python.ts';

/** Returns a Python that gets this signal when it starts the engine. */
const dyingBy = (signal: string) =>
  hostPython({ shell: `case "$*" in *host.py*) kill -${signal} $$;; esac` });

async function textOf(name: string, args: object, python?: string): Promise<string> {
  const { engine, close } = temporaryEngine(python === undefined ? {} : { python });
  onTestFinished(close);
  const assistant = await Assistant.of(engine);
  onTestFinished(() => assistant.close());
  return (await assistant.call(name, { ...args })).text;
}

test('an engine that another program ends while it starts is not to be deleted', async () => {
  const killed = await dyingBy('KILL');
  const text = await textOf('deckNames', {}, killed.path);
  expect(text).toMatch(
    /was ended by another program \(SIGKILL\) while it started.*Nothing was changed. Try again/,
  );
  expect(text).not.toContain('Delete');
});

test('an engine that crashes while it starts may be damaged', async () => {
  const crashed = await dyingBy('SEGV');
  expect(await textOf('deckNames', {}, crashed.path)).toMatch(/could not be started.*Delete /);
});

test('a deck name with too many levels says that nothing was created', async () => {
  const deck = Array.from({ length: 300 }, () => 'a').join('::');
  expect(await textOf('createDeck', { deck })).toMatch(
    /^The deck was not created or renamed: .*Anki says: deck nesting level too deep/,
  );
});

test('multi says that a workflow is no action, and suggests only actions', async () => {
  const multi = (action: string) => textOf('multi', { actions: [{ action, params: {} }] });
  expect(await multi('saveNotes')).toMatch(
    /"saveNotes" is a tool, but no action of Anki-Connect. Call it by itself/,
  );
  expect(await multi('saveNote')).not.toContain('"saveNotes"');
  expect(await multi('addNots')).toContain('did you mean "addNote"?');
});

test('fsrs simulates no days off beyond the days', async () => {
  const scenarios = [{ daysOff: 40 }];
  expect(await textOf('fsrs', { action: 'simulate', deck: 'Default', days: 30, scenarios })).toBe(
    'Nothing was simulated: daysOff must be at most days (30), not 40.',
  );
});

test('a copy that cannot be opened is not called a damaged collection', async () => {
  const { engine, next, close } = await faultyEngine();
  onTestFinished(close);
  const copy = await engine.copy();
  onTestFinished(() => copy.close());
  next('death before');
  const error: unknown = await copy.call('findNotes', { query: '' }).catch((reason: unknown) => reason);
  expect(String(error)).toMatch(
    /Nothing was changed: a temporary copy of the collection could not be opened/,
  );
  expect(String(error)).not.toContain('damaged');
});
