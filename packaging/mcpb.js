// Packs dist into a file that Claude Desktop installs: `npm run mcpb`, or `node packaging/mcpb.js FILE`.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packExtension } from '@anthropic-ai/mcpb';

/** @param {string} file */
const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(path(file), 'utf8'));

const { name, version, description, license, keywords, type, engines } = readJson('package.json');
/** @type {{ tools: { name: string, description: string, ui?: { appOnly?: true } }[] }} */
const { tools } = readJson('tools.manifest.json');

/**
 * The settings that Claude Desktop shows. All may be left empty: the server ignores empty values.
 * @type {NonNullable<import('@anthropic-ai/mcpb').McpbManifestAny['user_config']>}
 */
const userConfig = {
  url: {
    type: 'string',
    title: 'Address of Anki-Connect',
    description: 'Address of the add-on Anki-Connect (code 2055492159) while Anki is open.',
    default: 'http://127.0.0.1:8765',
  },
  api_key: {
    type: 'string',
    title: 'API key of Anki-Connect',
    description: "Only if you have set apiKey in the add-on's configuration.",
    sensitive: true,
  },
  read_only: {
    type: 'boolean',
    title: 'Read-only',
    description: 'Offer no tool that can change anything.',
    default: false,
  },
  toolsets: {
    type: 'string',
    title: 'Toolsets',
    description:
      'Which tools to offer, separated by commas: core (all workflows and the most important actions), card, deck, gui, media, misc, model, note, statistic. Empty: all.',
  },
  allow_dir: {
    type: 'directory',
    title: 'Folder for files',
    description:
      'Images, sounds, videos, packages and text files in this folder may be read without a question.',
  },
  profile: {
    type: 'string',
    title: 'Profile',
    description:
      "Name of a profile in Anki, often User 1. While Anki is closed, the server uses Anki's own engine on this profile. Needs Python 3.10 or later.",
  },
  collection: {
    type: 'file',
    title: 'Collection file',
    description:
      "Use only this file (collection.anki2), with Anki's own engine. Anki must be closed. Needs Python 3.10 or later.",
  },
  python: {
    type: 'file',
    title: 'Python',
    description: 'Path of Python 3.10 or later, if it is not found automatically.',
  },
};

/** @type {import('@anthropic-ai/mcpb').McpbManifestAny} */
const manifest = {
  manifest_version: '0.3',
  name,
  display_name: 'ankiwright for Anki',
  version,
  description,
  long_description: [
    'Create, correct, find and study your Anki cards in conversation.',
    "While Anki is open, it uses the add-on **Anki-Connect** (in Anki: Tools > Add-ons > Get Add-ons, code 2055492159). While Anki is closed, it uses Anki's own engine on a profile or a collection file. The engine is installed on first use (10 MB, from PyPI).",
    'Before it deletes cards or changes many of them, it asks you and makes a backup.',
  ].join('\n\n'),
  author: { name: `The makers of ${name}` },
  license,
  keywords,
  icon: 'icon.png',
  server: {
    type: 'node',
    entry_point: 'dist/main.js',
    mcp_config: {
      command: 'node',
      args: ['${__dirname}/dist/main.js'],
      env: {
        ANKI_CONNECT_URL: '${user_config.url}',
        ANKI_CONNECT_API_KEY: '${user_config.api_key}',
        ANKIWRIGHT_READ_ONLY: '${user_config.read_only}',
        ANKIWRIGHT_TOOLSETS: '${user_config.toolsets}',
        ANKIWRIGHT_ALLOW_DIR: '${user_config.allow_dir}',
        ANKI_PROFILE: '${user_config.profile}',
        ANKI_COLLECTION: '${user_config.collection}',
        ANKIWRIGHT_PYTHON: '${user_config.python}',
      },
    },
  },
  tools: tools.filter(({ ui }) => !ui?.appOnly).map(({ name, description }) => ({ name, description })),
  prompts_generated: true, // the texts of prompts depend on their arguments
  compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: engines.node } },
  user_config: userConfig,
};

/**
 * Prints what the packer says only if it fails: it warns about the size of every icon, also of one that has the right size.
 * @param {string} extensionPath
 * @param {string} outputPath
 */
async function pack(extensionPath, outputPath) {
  /** @type {unknown[]} */
  const said = [];
  const { log } = console;
  /* oxlint-disable no-console -- the packer writes there, whatever "silent" says */
  console.log = (/** @type {unknown[]} */ ...words) => void said.push(...words);
  const isPacked = await packExtension({ extensionPath, outputPath, silent: true });
  console.log = log;
  /* oxlint-enable no-console */
  if (isPacked) process.stderr.write(`${outputPath}\n`);
  else {
    process.stderr.write(`${said.join('\n')}\n`);
    process.exitCode = 1;
  }
}

const folder = mkdtempSync(join(tmpdir(), `${name}-mcpb-`));
try {
  for (const part of ['dist', 'tools.manifest.json', 'LICENSE']) {
    cpSync(path(part), join(folder, part), { recursive: true });
  }
  cpSync(path('packaging/icon.png'), join(folder, 'icon.png'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, license, type }));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest, undefined, 2));
  await pack(folder, process.argv[2] ?? path(`${name}.mcpb`));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
