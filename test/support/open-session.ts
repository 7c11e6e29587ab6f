import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Host } from '../../src/backends/engine/process/host.ts';
import { install } from '../../src/backends/engine/process/install.ts';
import { Account } from '../../src/backends/engine/session/account.ts';
import { placeOf } from '../../src/backends/engine/session/collection.ts';
import { openCollection } from '../../src/backends/engine/session/opening.ts';
import { Session, Windows } from '../../src/backends/engine/session/session.ts';
import { tokenFiles } from '../../src/backends/engine/session/token-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Opens a new collection as the engine backend does, for tests that compare a handler with other calls to the engine. */
export async function openSession(): Promise<{ session: Session; close: () => Promise<void> }> {
  const folder = temporaryFolder();
  const log = (): void => {};
  const installation = () => install({ log });
  const host = await Host.start(await installation());
  const place = placeOf(join(folder, 'collection.anki2'));
  await openCollection(host, place, '');
  const account = new Account({}, tokenFiles(folder, place.path), log);
  const session = new Session(host, place, new Windows(), {
    profile: 'test',
    account,
    importsAtOnce: false,
    installation,
  });
  const close = async () => {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { session, close };
}
