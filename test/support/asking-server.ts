import { eventually } from './eventually.ts';
import { RawServer } from './raw-server.ts';
import { newCollection } from './served.ts';

/** Starts the built server on a new collection, for a client that can ask its user. */
export async function askingServer(): Promise<RawServer> {
  const server = new RawServer('--collection', newCollection(), '--backup', 'never');
  const capabilities = { elicitation: {} };
  const clientInfo = { name: 'test', version: '1' };
  await server.request('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo });
  server.send({ method: 'notifications/initialized' });
  return server;
}

/** Returns the ids of all questions that the client received. */
export const questions = ({ lines }: RawServer): number[] =>
  lines
    .flatMap(
      (line) =>
        /"method":"elicitation\/create".*"id":(\d+)|"id":(\d+).*"method":"elicitation\/create"/
          .exec(line)
          ?.slice(1)
          .find(Boolean) ?? [],
    )
    .map(Number);

export const question = async (server: RawServer): Promise<number> =>
  eventually(() => {
    const [id] = questions(server).slice(-1);
    if (id === undefined) throw new Error('no question yet');
    return id;
  });

export const deleteDeck = (deck: string) => ['deleteDecks', { decks: [deck], cardsToo: true }] as const;
