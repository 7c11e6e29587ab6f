import { Unavailable } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { filesIn } from '../../card-text/text.ts';
import type { Context } from '../../workflow.ts';
import { unsettled, type Draft } from './save-draft.ts';

/** Maximum number of names that are looked up one by one. For more, all names of the folder are read. */
const maxLookups = 50;

/** Maximum number of names in a warning. */
const maxNamed = 5;

/** Escapes the characters that have a meaning in a file pattern. */
const exactly = (name: string): string => name.replaceAll(/[[*?]/g, '[$&]');

const inFolder = (name: string): boolean => /[\\/]/.test(name);

/** Returns the files that a field refers to. References to the web and to fields of a template are none. */
const localFiles = (html: string): string[] =>
  filesIn(html).filter((name) => !name.startsWith('//') && !name.includes('{{'));

/** Returns which of these names are in the media folder. Calls of the same tick share one request. */
async function existing({ call }: Context, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length > maxLookups) return new Set(await call('getMediaFilesNames', {}));
  const found = await Promise.all(
    names.map((name) => call('getMediaFilesNames', { pattern: exactly(name) })),
  );
  return new Set(found.flat());
}

/** Warns about files in new field texts that are not in the media folder and are not stored by this call. */
export async function warnOfMissingMedia(context: Context, drafts: readonly Draft[]): Promise<void> {
  const stored = new Set(drafts.flatMap(({ media }) => media.map(({ filename }) => filename.toLowerCase())));
  const referring = unsettled(drafts).flatMap((draft) =>
    Object.entries(draft.fields).flatMap(([field, html]) => {
      const names = localFiles(html).filter((name) => !stored.has(name.toLowerCase()));
      return names.length > 0 ? [{ draft, field, names }] : [];
    }),
  );
  const names = new Set(referring.flatMap((each) => each.names).filter((name) => !inFolder(name)));
  if (referring.length === 0) return;
  const found = await existing(context, [...names]).catch((error: unknown) => {
    if (error instanceof Unavailable) return names;
    throw error;
  });
  for (const { draft, field, names: all } of referring) {
    const missing = [...new Set(all)].filter((name) => inFolder(name) || !found.has(name));
    if (missing.length === 0) continue;
    const list = missing.slice(0, maxNamed).map((name) => echo(name, 80));
    const rest = missing.length > maxNamed ? `, and ${missing.length - maxNamed} more` : '';
    const advice = missing.some(inFolder)
      ? ', which has no subfolders; pass media with path, url or data'
      : '; pass media with path, url or data';
    draft.warnings.push(`${field}: not in the media folder: ${list.join(', ')}${rest}${advice}`);
  }
}
