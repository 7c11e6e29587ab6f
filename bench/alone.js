// Runs scripts with Anki's engine alone, as ankiwright has installed it.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the Python, the library and the numbers of its methods. The newest installed version has the last name. */
export function engine() {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ankiwright');
  const home = readdirSync(cache).findLast((name) => name.startsWith('anki-'));
  if (home === undefined) throw new Error(`no engine in ${cache}: run "ankiwright setup"`);
  const { python, tables } = JSON.parse(readFileSync(join(cache, home, 'ready.json'), 'utf8'));
  return { python: String(python), library: join(cache, home, 'wheel'), methods: tables.methods };
}

/**
 * Runs a script of this folder on a collection and returns what it prints.
 * @param {string} script @param {string} collection
 */
export function runAlone(script, collection) {
  const { python, library, methods } = engine();
  const path = fileURLToPath(new URL(script, import.meta.url));
  return execFileSync(python, ['-I', '-S', '-B', path, library, collection, JSON.stringify(methods)], {
    encoding: 'utf8',
  });
}
