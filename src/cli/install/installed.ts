import type { System } from '../system.ts';
import { clients, locate, type Client } from './clients.ts';
import { read } from './configuration.ts';
import { isOurs, shown } from './entry.ts';
import { serversIn } from './format.ts';
import type { Launch } from './launch.ts';
import { messageOf } from '../../lib/error.ts';

/** Whether a client knows of ankiwright. */
export interface Installed {
  readonly client: string;
  readonly path: string;
  /** Absent: the client has no such file. */
  readonly state: 'absent' | 'unreadable' | 'without' | 'with';
  /** What the client calls it. */
  readonly name?: string;
  /** How it is started, without the values of variables. */
  readonly launch?: Launch;
  /** Why the file is unreadable. */
  readonly says?: string;
}

/** What each client's configuration says of ankiwright. */
export const installedIn = (system: System): Promise<readonly Installed[]> =>
  Promise.all(clients.map((client) => installedFor(client, system)));

async function installedFor(client: Client, system: System): Promise<Installed> {
  const { file: path } = locate(client, system);
  const found = { client: client.name, path };
  try {
    const { text, bytes } = read(path);
    if (bytes === undefined) return { ...found, state: 'absent' };
    for (const [name, entry] of Object.entries(serversIn(client.format.parse(text), client.map))) {
      const launch = (await isOurs(entry)) ? shown(entry) : undefined;
      if (launch) return { ...found, state: 'with', name, launch };
    }
    return { ...found, state: 'without' };
  } catch (error) {
    return { ...found, state: 'unreadable', says: messageOf(error) };
  }
}
