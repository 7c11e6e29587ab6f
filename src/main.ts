#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCommand } from './cli/commands.ts';

// These paths are the same for src/main.ts and for dist/main.js.
const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

void runCommand(process.argv.slice(2), {
  main: fileURLToPath(import.meta.url),
  version: readJson('../package.json').version,
  readTools: () => readJson('../tools.manifest.json').tools,
});
