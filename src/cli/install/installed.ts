import type { System } from '../system.ts';
import { clients, locate, type Client } from './clients.ts';
import { readConfiguration } from './configuration.ts';
import { isOurs, launchIn } from './entry.ts';
import { serversIn } from './format.ts';
import type { Launch } from './launch.ts';
import { messageOf } from '../../lib/error.ts';

/** Whether a client's configuration contains ankiwright. */
export interface Installed {
  /** Name of the client. */
  readonly client: string;
  readonly path: string;
  /** `absent`: the client has no configuration file. */
  readonly state: 'absent' | 'unreadable' | 'without' | 'with';
  /** Name of our entry. */
  readonly name?: string;
  /** How the client starts ankiwright. It may contain a key. */
  readonly launch?: Launch;
  /** Why the file is unreadable. */
  readonly reason?: string;
}

/** Looks for ankiwright in the configurations of all clients. A client may have several entries. */
export const installedIn = async (system: System): Promise<readonly Installed[]> =>
  (await Promise.all(clients.map((client) => installedFor(client, system)))).flat();

async function installedFor(client: Client, system: System): Promise<readonly Installed[]> {
  const { file: path } = locate(client, system);
  const result = { client: client.name, path };
  try {
    const { text, bytes } = readConfiguration(path);
    if (bytes === undefined) return [{ ...result, state: 'absent' }];
    const found: Installed[] = [];
    for (const [name, entry] of Object.entries(serversIn(client.format.parse(text), client.map))) {
      const launch = (await isOurs(entry)) ? launchIn(entry) : undefined;
      if (launch) found.push({ ...result, state: 'with', name, launch });
    }
    return found.length > 0 ? found : [{ ...result, state: 'without' }];
  } catch (error) {
    return [{ ...result, state: 'unreadable', reason: messageOf(error) }];
  }
}
