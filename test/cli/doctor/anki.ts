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

/** The action of a request. */
export const askedFor = (body: string): string => /"action":"(\w+)"/.exec(body)?.[1] ?? 'nothing';

/** A healthy Anki, but for what it does with these actions. */
export async function anki(odd: Readonly<Record<string, fake.Behaviour>> = {}): Promise<fake.FakeAnki> {
  const behaviours = { ...healthy, ...odd };
  const server = await fake.fakeAnki(async (socket, request) => {
    const asked = await request();
    await behaviours[askedFor(asked.body)]?.(socket, () => Promise.resolve(asked));
  });
  onTestFinished(server.close);
  return server;
}
