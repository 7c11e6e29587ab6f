// Syncs the collection of an Anki-Connect API now, and then every SYNC_MINUTES minutes.
// The server refuses a full sync, which replaces a whole collection, unless it was started with --sync-full. The refusal is logged. See compose.yaml.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const {
  ANKI_CONNECT_URL: url = 'http://127.0.0.1:8765',
  ANKI_CONNECT_API_KEY_FILE: keyFile,
  SYNC_MINUTES: minutes = '30',
} = process.env;

/** @param {string} message */
const log = (message) => process.stderr.write(`${new Date().toISOString()} ${message}\n`);

async function sync() {
  const key = keyFile === undefined ? undefined : readFileSync(keyFile, 'utf8').trim();
  const body = JSON.stringify({ action: 'sync', version: 6, key });
  const response = await fetch(url, { method: 'POST', body });
  const { error } = JSON.parse(await response.text());
  if (error !== null) throw new Error(error);
}

if (!(Number(minutes) > 0)) throw new Error(`SYNC_MINUTES must be a number above 0, but is "${minutes}"`);
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0)); // the first process of a container ignores signals that it does not handle
for (;;) {
  await sync().then(
    () => log('synced'),
    (error) => log(`not synced: ${[error.message, error.cause?.message].filter(Boolean).join(': ')}`),
  );
  await sleep(Number(minutes) * 60_000);
}
