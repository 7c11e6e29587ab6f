import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A collection that is not there yet, in a folder of its own. */
export const newCollection = (): string =>
  join(mkdtempSync(join(tmpdir(), 'ankiwright-')), 'collection.anki2');

/** The built program, started as `serve`. */
export function served(...args: string[]) {
  const child = spawn(process.execPath, [main, 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += String(chunk)));
  const exit = once(child, 'close').then(([code]) => Number(code));
  const url = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      said.stderr += String(chunk);
      const [found] = / at (http:\S+)\n/.exec(said.stderr)?.slice(1) ?? [];
      if (found !== undefined) resolve(found);
    });
    void exit.then(() => reject(new Error(`serve has ended: ${said.stderr}`)));
  });
  url.catch(() => {}); // a program that is to fail is not asked for it
  const ask = async (request: object, init: RequestInit = {}): Promise<string> =>
    (await fetch(await url, { method: 'POST', body: JSON.stringify(request), ...init })).text();
  return { child, said, exit, url, ask };
}
