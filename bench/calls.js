// Number of calls to the engine by a tool call.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engine } from './alone.js';
import { note, report } from './report.js';
import { RpcClient } from './rpc-client.js';

const countingHost = fileURLToPath(new URL('counting-host.py', import.meta.url));

/** @param {string} main The server. @param {string} folder An empty folder. */
export async function measureEngineCalls(main, folder) {
  const count = join(folder, 'count');
  const python = join(folder, 'python');
  const original = engine().python;
  const script = `#!/bin/sh\ncase "$*" in *host.py*) exec "${original}" -I -S -B "${countingHost}" "${count}" "$@";; esac\nexec "${original}" "$@"\n`;
  writeFileSync(python, script);
  chmodSync(python, 0o755);
  const client = new RpcClient([main, '--collection', join(folder, 'counted.anki2'), '--python', python]);
  await client.initialize();
  await client.call('createDeck', { deck: 'Bench' });
  /** @param {string} name @param {(n: number) => object} args */
  const measure = async (name, args) => {
    await client.call(name, args(0)); // reads what later calls remember
    const before = Number(readFileSync(count, 'utf8'));
    await client.call(name, args(1));
    report(
      `\`${name}\` with one note: calls to the engine`,
      `${Number(readFileSync(count, 'utf8')) - before}`,
    );
  };
  await measure('addNote', (n) => ({ note: note(`added ${n}`) }));
  await measure('saveNotes', (n) => ({ notes: [note(`saved ${n}`)] }));
  await client.end();
}
