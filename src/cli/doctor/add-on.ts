import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isLoopback } from '../../lib/loopback.ts';
import { failure, ok, skipped, warning, withoutAnki, type Check, type Finding } from './check.ts';
import type { Subject, Target } from './subject.ts';

/** The folder of the add-on: its number on AnkiWeb. */
const number = '2055492159';

const settingsSchema = z.object({
  webBindAddress: z.string().default('127.0.0.1').catch('127.0.0.1'),
  webBindPort: z.int().default(8765).catch(8765),
  apiKey: z.string().nullable().default(null).catch(null),
  webCorsOriginList: z.array(z.string()).default([]).catch([]),
});
type Settings = z.output<typeof settingsSchema>;

const metaSchema = z.looseObject({
  disabled: z.boolean().optional(),
  config: z.looseObject({}).optional(),
});

/** Compares the add-on's own settings with the options of the server. */
export const addOn: Check = {
  name: 'add-on',
  examine: async ({ target, ankiFolder, desktop }) => {
    if (target.collection !== undefined) return skipped('With --collection, Anki is not used.');
    if (!isHere(target)) return skipped('Anki is not on this computer.');
    if (!(await isFolder(ankiFolder))) return skipped(`There is no folder of Anki at ${ankiFolder}.`);
    const folder = folderOf(ankiFolder);
    const { version, key } = await desktop();
    const replies = version.kind === 'result' || key !== undefined;
    const meta = await read(join(folder, 'meta.json'), metaSchema);
    if (!(await isFolder(folder)) || meta?.disabled === true) {
      if (replies) return skipped(`The add-on that replies is not the one in ${folder}.`);
      return target.profile === undefined
        ? notInUse(folder, meta)
        : { ...notInUse(folder, meta), state: 'warning' };
    }
    const defaults = await read(join(folder, 'config.json'), z.looseObject({}));
    const settings = settingsSchema.parse({ ...defaults, ...meta?.config });
    const findings = [
      replies ? undefined : addressProblem(settings, target),
      replies && key === 'correct' ? undefined : keyProblem(settings, target),
      originProblem(settings),
    ].filter((finding) => finding !== undefined);
    return findings.length > 0 ? findings : ok("The add-on's settings fit the options.");
  },
};

/** Returns true if Anki keeps its data on this computer, and the add-on is not among them. */
export const lacksAddOn = async ({ target, ankiFolder }: Subject): Promise<boolean> =>
  isHere(target) && (await isFolder(ankiFolder)) && !(await isFolder(folderOf(ankiFolder)));

const isHere = ({ url }: Target): boolean => URL.canParse(url) && isLoopback(new URL(url).hostname);

const folderOf = (ankiFolder: string): string => join(ankiFolder, 'addons21', number);

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false;

/** Returns the content of a JSON file, or undefined if there is no readable one. */
async function read<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function notInUse(folder: string, meta: z.output<typeof metaSchema> | undefined): Finding {
  if (meta?.disabled === true) {
    return failure(
      'The add-on Anki-Connect is turned off in Anki.',
      'In Anki: Tools > Add-ons, choose AnkiConnect, Toggle Enabled. Then start Anki again.',
    );
  }
  return failure(
    `The Anki-Connect add-on (code ${number}) is not installed in Anki: there is no folder ${folder}.`,
    `In Anki: Tools > Add-ons > Get Add-ons. Then start Anki again. ${withoutAnki}`,
  );
}

function addressProblem({ webBindAddress, webBindPort }: Settings, { url }: Target): Finding | undefined {
  const { protocol, hostname, port } = new URL(url);
  const host = webBindAddress === '0.0.0.0' || isLoopback(webBindAddress) ? hostname : webBindAddress;
  if (protocol === 'http:' && Number(port || 80) === webBindPort && host === hostname) return undefined;
  const actual = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${webBindPort}`;
  if (!URL.canParse(actual)) return undefined;
  return {
    ...failure(`The add-on listens at ${actual}, and the server uses ${url}.`, `Set --url ${actual}.`),
    fix: { kind: 'options', url: actual },
  };
}

function keyProblem({ apiKey: wanted }: Settings, { apiKey: used }: Target): Finding | undefined {
  if (wanted !== null && wanted !== '' && wanted !== used) {
    return {
      ...failure(
        `The add-on has an apiKey in its settings, and the server ${used === undefined ? 'has none' : 'uses another one'}.`,
        'Put the apiKey into a file and set --api-key-file PATH.',
      ),
      fix: { kind: 'options', apiKey: wanted },
    };
  }
  return undefined;
}

function originProblem({ webCorsOriginList, apiKey }: Settings): Finding | undefined {
  if (!webCorsOriginList.includes('*') || apiKey) return undefined;
  return warning(
    'The add-on lets every web page that you open read and change your cards (webCorsOriginList has "*", and there is no apiKey).',
    'In Anki: Tools > Add-ons > AnkiConnect > Config, replace "*" by the pages that you need, or set an apiKey.',
  );
}
