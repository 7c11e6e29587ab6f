import type { Params } from '../../contract/index.ts';
import { TooLarge } from '../bounded.ts';
import { formatSize } from '../size.ts';
import { mediaType } from '../../lib/media-type.ts';
import type { ToolResult, Context } from '../workflow.ts';
import type { Json } from '../../lib/json.ts';

/** Maximum size of a picture or sound in bytes. */
const maxBytes = 1_500_000;

/** Types that clients can show or play. */
const displayable: ReadonlySet<string> = new Set([
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

/** Returns true if a tool returns content, so that it must not advertise an output schema. */
export const returnsContent = (name: string): boolean => name === 'retrieveMediaFile';

/** Returns a media file as image or audio content, or as Anki's base64 if it is neither. */
export async function mediaResult(
  { call, budget }: Pick<Context, 'call' | 'budget'>,
  { filename: name }: Params<'retrieveMediaFile'>,
  file: Json,
): Promise<ToolResult> {
  if (typeof file !== 'string') return { result: file };
  const filename = String(name);
  const bytes = Buffer.from(file, 'base64');
  const { kind, mimeType = '' } = mediaType(bytes) ?? {};
  const isShown = displayable.has(mimeType);
  if (!isShown && file.length <= budget) return { result: file };
  const summary = [filename, ...(isShown ? [mimeType] : []), formatSize(bytes.length)].join(', ');
  if (isShown && kind !== 'video' && kind !== undefined && bytes.length <= maxBytes) {
    return {
      content: [
        { type: kind, data: file, mimeType },
        { type: 'text', text: summary },
      ],
    };
  }
  const folder = await call('getMediaDirPath', {});
  const separator = folder.includes('\\') ? '\\' : '/';
  const location = `Its path on Anki's machine: ${folder}${separator}${filename.split('/').at(-1) ?? ''}`;
  if (isShown) {
    const text = `${summary}: too large to send (limit ${formatSize(maxBytes)}). ${location}`;
    return { content: [{ type: 'text', text }] };
  }
  throw new TooLarge(
    `${summary}: neither a picture nor a sound, and too large to send as base64 (limit ${formatSize(budget)}). ${location}`,
  );
}
