import { names } from '../prompts/completion.ts';
import { AnkiRefused, NotThere, Unavailable } from '../../contract/errors.ts';
import { mediaType } from '../../lib/media-type.ts';
import type { Resource } from './resource.ts';

const mostBytes = 5_000_000;

export const media: Resource = {
  uri: 'anki://media/{name}',
  name: 'media',
  title: 'Media file',
  description: 'A picture, sound or other file of the media folder, up to 5 MB.',
  names: names.media,
  async read({ call }, name) {
    // Anki would look for the last part of a path.
    if (name === '' || name.includes('/')) return undefined;
    const blob = await call('retrieveMediaFile', { filename: name }).catch((error: unknown) => {
      throw error instanceof AnkiRefused ? new NotThere(error.message) : error;
    });
    if (blob === false) return undefined;
    const bytes = Buffer.from(blob, 'base64');
    if (bytes.length > mostBytes) {
      const megabytes = (bytes.length / 1_000_000).toFixed(1);
      throw new Unavailable(
        `${name} is too large to be sent: ${megabytes} MB, where ${mostBytes / 1_000_000} MB is the limit. It lies in ${await call('getMediaDirPath', {})}, on the machine of Anki.`,
      );
    }
    return { mimeType: mediaType(bytes)?.mimeType ?? 'application/octet-stream', blob };
  },
};
