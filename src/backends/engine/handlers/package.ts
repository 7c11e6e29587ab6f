import { access, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { CallOptions } from '../../../contract/backend.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Session } from '../session/session.ts';
import { describeImport } from './import-log.ts';
import { importText } from './text-import.ts';
import { findDeck } from '../session/deck-name.ts';
import type { Handlers } from '../session/handler.ts';
import { truthy, typeName } from '../../../anki-connect/python.ts';
import { text } from '../session/python.ts';
import { refuseOwnFile } from './own-files.ts';
import type { Json } from '../../../lib/json.ts';

const textOrEmpty = (value: Json | undefined): string =>
  value === null || value === undefined ? '' : text(value);

const extension = (path: string): string => extname(path).toLowerCase();

function flag(name: string, value: Json | undefined): boolean {
  if (value === undefined || value === null || ['bool', 'int'].includes(typeName(value)))
    return truthy(value);
  throw new AnkiRefused(`${name} must be true or false, not ${typeName(value)}.`);
}

function refuseCollection(path: string): void {
  if (extension(path) !== '.colpkg') return;
  throw new AnkiRefused(
    `Cannot import ${path}: a .colpkg file would replace the whole collection. A person can import it in Anki with File > Import. Deck packages (.apkg) are merged.`,
  );
}

/** Throws for a pipe or a device, which might block forever. The engine itself reports all other problems. */
async function refuseDevice(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile() && !found.isDirectory())
    throw new AnkiRefused(`${path} is not a file. Nothing was imported.`);
}

async function importApkg(collection: Session, packagePath: string, { report }: CallOptions): Promise<void> {
  await collection.reset();
  const options = {
    mergeNotetypes: true,
    updateNotes: 0,
    updateNotetypes: 0,
    withScheduling: true,
    withDeckConfigs: true,
  };
  const imported = await collection.call('import_anki_package', { packagePath, options });
  collection.noteTypes.clear();
  report?.(describeImport(imported));
}

const importers: Readonly<Record<string, typeof importText>> = {
  '.apkg': importApkg,
  '.csv': importText,
  '.tsv': importText,
  '.txt': importText,
};

export const packages = {
  async exportPackage(collection, { deck, path, includeSched }) {
    const deckId = await findDeck(collection, textOrEmpty(deck));
    if (deckId === undefined) return false;
    const outPath = textOrEmpty(path);
    if (extension(outPath) === '.colpkg') {
      throw new AnkiRefused(
        `Cannot export a deck to ${outPath}: Anki would treat a .colpkg file as a whole collection and replace the user's collection with it. Use a name that ends in .apkg.`,
      );
    }
    await refuseOwnFile(outPath, collection.place);
    const withScheduling = flag('includeSched', includeSched);
    await collection.call('export_anki_package', {
      outPath,
      options: { withScheduling, withDeckConfigs: withScheduling, withMedia: true, legacy: true },
      limit: { limit: { case: 'deckId', value: deckId } },
    });
    return true;
  },

  async importPackage(collection, { path }, call) {
    const file = textOrEmpty(path);
    refuseCollection(file);
    await refuseDevice(file);
    await importApkg(collection, file, call);
    return true;
  },
} satisfies Handlers<'exportPackage' | 'importPackage'>;

export const fileImport = {
  async guiImportFile(collection, { path }, call) {
    const file = textOrEmpty(path);
    refuseCollection(file);
    const importFile = importers[extension(file)];
    if (!importFile) {
      throw new AnkiRefused(
        `The engine has no window in which to choose a file. Pass the path of an .apkg, .csv, .tsv or .txt file${file && `, not ${file}`}.`,
      );
    }
    if (collection.importsAtOnce) {
      await refuseDevice(file);
      await importFile(collection, file, call);
    } else {
      await access(file).catch((error: Error) => {
        throw new AnkiRefused(`Failed to open '${file}': ${error.message}`);
      });
      call.report?.(`${file} was not imported: nobody can press Import in the engine.`);
    }
    return null;
  },
} satisfies Handlers<'guiImportFile'>;
