// Packs dist into a file that Claude Desktop installs on a double click: `npm run mcpb`, or `node packaging/mcpb.js FILE`.
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
/** @type {{ tools: { name: string, description: string }[] }} */
const { tools } = readJson('tools.manifest.json');

/**
 * What its user is asked: all of it may be left empty, which counts as not given.
 * @type {NonNullable<import('@anthropic-ai/mcpb').McpbManifestAny['user_config']>}
 */
const userConfig = {
  url: {
    type: 'string',
    title: 'Address of Anki-Connect',
    description: 'Where the add-on Anki-Connect (code 2055492159) listens while Anki is open.',
    default: 'http://127.0.0.1:8765',
  },
  api_key: {
    type: 'string',
    title: 'Key of Anki-Connect',
    description: "Only if you have set apiKey in the add-on's configuration.",
    sensitive: true,
  },
  read_only: {
    type: 'boolean',
    title: 'Only read',
    description: 'Offer no tool that can change anything.',
    default: false,
  },
  media_dir: {
    type: 'directory',
    title: 'Folder for media',
    description:
      'A folder whose pictures, sounds and films may be put on cards. Without it, no file is taken.',
  },
  profile: {
    type: 'string',
    title: 'Profile',
    description:
      "A profile's name in Anki, often User 1: work goes on while Anki is closed, with Anki's own engine. Needs Python 3.10 or later.",
  },
  collection: {
    type: 'file',
    title: 'Collection file',
    description:
      "Work on this file alone (collection.anki2), with Anki's own engine. Anki has to be closed. Needs Python 3.10 or later.",
  },
  python: {
    type: 'file',
    title: 'Python',
    description: 'Python 3.10 or later, if it is not found by itself.',
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
    'Make, fix, find and study your Anki cards in conversation.',
    "It works through Anki while it is open, with the add-on **Anki-Connect** (in Anki: Tools > Add-ons > Get Add-ons, code 2055492159); or, while Anki is closed, directly on a profile or a collection file by Anki's own engine, which is installed when it is first needed (10 MB, from PyPI).",
    'Before something is deleted or changed in bulk you are asked, and a backup is made.',
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
        ANKIWRIGHT_MEDIA_DIR: '${user_config.media_dir}',
        ANKI_PROFILE: '${user_config.profile}',
        ANKI_COLLECTION: '${user_config.collection}',
        ANKIWRIGHT_PYTHON: '${user_config.python}',
      },
    },
  },
  tools: tools.map(({ name, description }) => ({ name, description })),
  prompts_generated: true, // their texts follow what was filled in, which a fixed text cannot
  compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: engines.node } },
  user_config: userConfig,
};

const folder = mkdtempSync(join(tmpdir(), `${name}-mcpb-`));
try {
  for (const part of ['dist', 'tools.manifest.json', 'LICENSE']) {
    cpSync(path(part), join(folder, part), { recursive: true });
  }
  cpSync(path('packaging/icon.png'), join(folder, 'icon.png'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, license, type }));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest, undefined, 2));
  const outputPath = process.argv[2] ?? path(`${name}.mcpb`);
  if (!(await packExtension({ extensionPath: folder, outputPath, silent: true }))) process.exitCode = 1;
  else process.stderr.write(`${outputPath}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
