import { InvalidArguments } from '../../arguments.ts';
import { readAllowedFile } from '../../files/read-file.ts';
import type { Context } from '../../workflow.ts';
import type { ImportInput } from './import-input.ts';

/** Maximum size of a file. */
const maxBytes = 20 * 1024 * 1024;

/** Returns the text to import, from a file that may be read or from the argument. */
export async function readSource({ media }: Context, { path, text }: ImportInput): Promise<string> {
  if ((path === undefined) === (text === undefined))
    throw new InvalidArguments('Pass either path or text. Nothing was imported.');
  if (path === undefined) return (text ?? '').replace(/^\uFEFF/, '');
  const bytes = await readAllowedFile(path, media, maxBytes);
  const decoded = decode(bytes);
  if (decoded.includes('\0'))
    throw new InvalidArguments(`${path} is not a text file. Save it as CSV or as text with tabs.`);
  return decoded;
}

/** Decodes UTF-8, or UTF-16 with a byte order mark, as spreadsheets write it. */
function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new InvalidArguments(
      'The file is not in UTF-8, so its letters cannot be read for certain. Save it as "CSV UTF-8". Nothing was imported.',
      { cause: error },
    );
  }
}
