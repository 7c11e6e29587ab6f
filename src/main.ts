#!/usr/bin/env node
// An old Node must be able to read this file up to the message, so it loads everything else after the check.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `ankiwright: Node ${process.versions.node} is too old. Install Node 20.19 or later from https://nodejs.org, and let the client's configuration start that one.\n`,
  );
  process.exit(1);
}

// The path is the same for src/main.ts and for dist/main.js.
void import('./cli/start.ts').then(({ start }) => start(import.meta.url));
