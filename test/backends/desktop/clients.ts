import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import { AnkiConnect, type AnkiConnectOptions } from '../../../src/backends/desktop/client.ts';
import { fakeAnki, type Behaviour, type FakeAnki } from '../../support/fake-anki.ts';

type Behaviours = [Behaviour, ...Behaviour[]];
type AnkiAndClient = [anki: FakeAnki, client: AnkiConnect];

/** A valid note. */
export const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'é', Back: '' } };

/** Starts a fake Anki until the test ends, and returns it with a client that has these options. */
export async function clientWith(
  options: AnkiConnectOptions,
  ...behaviours: Behaviours
): Promise<AnkiAndClient> {
  const anki = await fakeAnki(...behaviours);
  onTestFinished(anki.close);
  return [anki, new AnkiConnect({ url: anki.url, ...options })];
}

/** Starts a fake Anki until the test ends, and returns it with a client. */
export const clientOf = (...behaviours: Behaviours): Promise<AnkiAndClient> => clientWith({}, ...behaviours);

/** Returns the error of a call, or an error that says that the call succeeded. */
export async function failure(call: Promise<unknown>): Promise<Error> {
  const outcome = await call.then(
    (result) => new Error(`no failure, but the result ${inspect(result)}`),
    (error: unknown) => error,
  );
  return outcome instanceof Error ? outcome : new Error(`thrown: ${inspect(outcome)}`);
}
