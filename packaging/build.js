// Bundles src into dist. Unlike rolldown's own command, it prints nothing if it succeeds.
import { chmodSync } from 'node:fs';
import { rolldown } from 'rolldown';
import configs from '../rolldown.config.js';

for (const config of configs) {
  const bundle = await rolldown(config);
  for (const output of [config.output ?? []].flat()) await bundle.write(output);
  await bundle.close();
}

// `npm install --global .` links the command to this file, and a new file could not be executed.
chmodSync('dist/main.js', 0o755);
