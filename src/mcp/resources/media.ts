import { collectionNames } from '../completion.ts';
import { AnkiRefused, NotFound, Unavailable } from '../../contract/errors.ts';
import { mediaType } from '../../lib/media-type.ts';
import type { Resource } from './resource.ts';

const maxBytes = 5_000_000;

export const media: Resource = {
  uri: 'anki://media/{name}',
  name: 'media',
  title: 'Media file',
  description: 'A picture, sound or other file of the media folder, up to 5 MB.',
  names: collectionNames.media,
  async read({ call }, name) {
    // For a path, Anki would return the file named by its last part.
    if (name === '' || name.includes('/')) return undefined;
    const blob = await call('retrieveMediaFile', { filename: name }).catch((error: unknown) => {
      throw error instanceof AnkiRefused ? new NotFound(error.message) : error;
    });
    if (blob === false) return undefined;
    const bytes = Buffer.from(blob, 'base64');
    if (bytes.length > maxBytes) {
      const megabytes = (bytes.length / 1_000_000).toFixed(1);
      throw new Unavailable(
        `${name} has ${megabytes} MB and is too large: the limit is ${maxBytes / 1_000_000} MB. It is in ${await call('getMediaDirPath', {})} on Anki's machine.`,
      );
    }
    return { mimeType: mediaType(bytes)?.mimeType ?? 'application/octet-stream', blob };
  },
};
