import type { Params } from '../../contract/index.ts';
import { TooLarge } from '../bounded.ts';
import { mediaType } from '../../lib/media-type.ts';
import type { Answer, Context } from '../workflow.ts';
import type { Json } from '../../lib/json.ts';

const mostBytes = 1_500_000;

/** What clients can show or play. */
const shown: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/ogg',
  'audio/flac',
  'audio/wav',
]);

/** Clients that were promised a structure would refuse a picture. */
export const answersInContent = (name: string): boolean => name === 'retrieveMediaFile';

/** A file of the media folder: pictures and sounds to be seen and heard, others as Anki gives them. */
export async function mediaAnswer(
  { call, budget }: Pick<Context, 'call' | 'budget'>,
  { filename: name }: Params<'retrieveMediaFile'>,
  file: Json,
): Promise<Answer> {
  if (typeof file !== 'string') return { result: file };
  const filename = String(name);
  const bytes = Buffer.from(file, 'base64');
  const { kind, mimeType = '' } = mediaType(bytes) ?? {};
  const isShown = shown.has(mimeType);
  if (!isShown && file.length <= budget) return { result: file };
  const about = [filename, ...(isShown ? [mimeType] : []), sizeIn(bytes.length)].join(', ');
  if (isShown && kind !== 'video' && kind !== undefined && bytes.length <= mostBytes) {
    return {
      content: [
        { type: kind, data: file, mimeType },
        { type: 'text', text: about },
      ],
    };
  }
  const folder = await call('getMediaDirPath', {});
  const separator = folder.includes('\\') ? '\\' : '/';
  const place = `It lies at ${folder}${separator}${filename.split('/').at(-1) ?? ''}, on the machine of Anki.`;
  if (isShown) {
    const text = `${about}: too large to be sent, ${sizeIn(mostBytes)} is the most. ${place}`;
    return { content: [{ type: 'text', text }] };
  }
  throw new TooLarge(
    `${about}: too large to be sent as base64, ${sizeIn(budget)} is the most, and neither a picture nor a sound. ${place}`,
  );
}

const sizeIn = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
