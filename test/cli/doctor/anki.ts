import { onTestFinished } from 'vitest';
import { actionNames } from '../../../src/contract/index.ts';
import * as fake from '../../support/fake-anki.ts';

export const reflects = (actions: readonly string[]): fake.Behaviour =>
  fake.answers({ scopes: ['actions'], actions });

const healthy: Readonly<Record<string, fake.Behaviour>> = {
  version: fake.answers(6),
  apiReflect: reflects(actionNames),
  getActiveProfile: fake.answers('User 1'),
  deckNames: fake.answers(['Default']),
};

/** Returns the action of a request. */
export const actionOf = (body: string): string => /"action":"(\w+)"/.exec(body)?.[1] ?? 'nothing';

/** Starts a healthy Anki, except for its behaviour on these actions. */
export async function anki(
  exceptions: Readonly<Record<string, fake.Behaviour>> = {},
): Promise<fake.FakeAnki> {
  const behaviours = { ...healthy, ...exceptions };
  const server = await fake.fakeAnki(async (socket, request) => {
    const received = await request();
    await behaviours[actionOf(received.body)]?.(socket, () => Promise.resolve(received));
  });
  onTestFinished(server.close);
  return server;
}
