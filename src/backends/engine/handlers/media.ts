import { readdir } from 'node:fs/promises';
import type * as contract from '../../../contract/media.ts';
import { glob } from './glob.ts';
import type { Handlers } from '../session/handler.ts';
import { cleanName, isMissing, readMediaFile, readError, storeFile, trashFile } from './media-file.ts';
import { truthy } from '../../../anki-connect/python.ts';
import { text } from '../session/python.ts';

export const media = {
  async storeMediaFile(collection, { filename, deleteExisting = true, ...source }) {
    const file = { ...source, filename: text(filename) };
    return (await storeFile(collection, file, truthy(deleteExisting))) ?? null;
  },

  async retrieveMediaFile(collection, { filename }) {
    const name = cleanName(filename);
    try {
      return (await readMediaFile(collection, name)).toString('base64');
    } catch (error) {
      if (isMissing(error)) return false;
      throw readError(error, name);
    }
  },

  async getMediaFilesNames(collection, { pattern = '*' }) {
    const matches = glob(text(pattern));
    // Python's glob finds the folder itself.
    if (pattern === '') return [''];
    try {
      return (await readdir(collection.place.media)).filter(matches);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  async getMediaDirPath(collection) {
    return collection.place.media;
  },

  async deleteMediaFile(collection, { filename }) {
    await trashFile(collection, text(filename));
    return null;
  },
} satisfies Handlers<keyof typeof contract>;
