import { summary } from './rule.ts';
import { quoted } from './words.ts';

export const media = {
  storeMediaFile: summary('storeMediaFile', {
    observe: async () => true,
    describe: ({ params: { filename }, result }) => {
      if (result === null) return 'Nothing was stored: the content has the hash of skipHash.';
      return result === filename
        ? undefined
        : `Stored under the name ${quoted([result])}: use this one in notes.`;
    },
  }),

  deleteMediaFile: summary('deleteMediaFile', {
    observe: async ({ filename }, call) =>
      (await call('getMediaFilesNames', { pattern: filename.replaceAll(/[[*?]/g, '[$&]') })).includes(
        filename,
      ),
    describe: ({ params: { filename }, before, after }) =>
      before && !after
        ? `Moved ${quoted([filename])} to the trash.`
        : `No file has the name ${quoted([filename])}: nothing was changed.`,
  }),
};
