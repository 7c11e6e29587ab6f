import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { actions } from '../../contract/index.ts';
import { withFile } from '../search-terms.ts';
import { rule, type Risk, type Rule } from './rule.ts';
import { countOf, listNames } from '../../lib/wording.ts';
import { find } from '../search-ids.ts';
import { type Scan } from './scan.ts';

/** Maximum number of files whose notes are counted. */
const maxSearched = 50;

/** Returns "2 media files (a.png, b.png), used in 3 notes,". */
async function describeFiles(scan: Scan, files: readonly string[]): Promise<string> {
  const searches = files.slice(0, maxSearched).map(withFile);
  const notes = await find(scan, 'findNotes', [searches.join(' or ')]);
  const users = `${files.length > maxSearched ? 'at least ' : ''}${countOf(notes.length, 'note')}`;
  return `${countOf(files.length, 'media file')} (${listNames(files)}), used in ${users},`;
}

/** A file that a call stores in the media folder. */
interface NewFile {
  readonly filename: string;
  readonly data?: string | undefined;
  readonly skipHash?: string | undefined;
  readonly deleteExisting?: boolean | undefined;
}

/** Returns true if another content is stored under this name. The content of a path or URL is not known before it is read. */
async function replaces({ call }: Scan, { filename, data, skipHash }: NewFile): Promise<boolean> {
  if (data === undefined) return false;
  // An invalid name is reported by the call itself.
  const stored = await call('retrieveMediaFile', { filename }).catch(() => false as const);
  if (stored === false) return false;
  const bytes = Buffer.from(data, 'base64');
  const isSkipped = skipHash !== undefined && createHash('md5').update(bytes).digest('hex') === skipHash;
  return !isSkipped && !bytes.equals(Buffer.from(stored, 'base64'));
}

async function byStoring(scan: Scan, files: readonly NewFile[]): Promise<Risk[]> {
  const replaced: string[] = [];
  for (const file of files)
    if (file.deleteExisting !== false && (await replaces(scan, file))) replaced.push(file.filename);
  const names = [...new Set(replaced)];
  if (names.length === 0) return [];
  const describe = async () => `Replace ${await describeFiles(scan, names)} by other content`;
  return [{ kind: 'deletes', of: names, describe }];
}

interface Attachments {
  readonly audio?: readonly NewFile[] | undefined;
  readonly video?: readonly NewFile[] | undefined;
  readonly picture?: readonly NewFile[] | undefined;
}

/** Returns a rule for an action that stores the attachments of notes. */
const attaching = <S extends z.ZodObject>(
  action: { readonly input: S },
  notesOf: (params: z.output<S>) => readonly (Attachments | undefined)[],
): Rule =>
  rule(action, (calls, scan) => {
    const notes = calls.flatMap(notesOf);
    const files = notes
      .flatMap((note) => [note?.audio, note?.video, note?.picture])
      .flatMap((list) => list ?? []);
    return byStoring(scan, files);
  });

/** Rules for attachments. Some of their actions have another rule for the rest of the note. */
export const attachments = {
  addNote: attaching(actions.addNote, ({ note }) => [note]),
  addNotes: attaching(actions.addNotes, ({ notes }) => notes),
  canAddNote: attaching(actions.canAddNote, ({ note }) => [note]),
  canAddNotes: attaching(actions.canAddNotes, ({ notes }) => notes),
  canAddNoteWithErrorDetail: attaching(actions.canAddNoteWithErrorDetail, ({ note }) => [note]),
  canAddNotesWithErrorDetail: attaching(actions.canAddNotesWithErrorDetail, ({ notes }) => notes),
  updateNoteFields: attaching(actions.updateNoteFields, ({ note }) => [note]),
  updateNote: attaching(actions.updateNote, ({ note }) => [note]),
  guiAddCards: attaching(actions.guiAddCards, ({ note }) => [note]),
  guiAddNoteSetData: attaching(actions.guiAddNoteSetData, ({ note }) => [note]),
};

// Backups contain no media files, but Anki keeps deleted and replaced ones in its trash for a while.
export const media = {
  deleteMediaFile: rule(actions.deleteMediaFile, async (calls, scan) => {
    const files = [...new Set(calls.map(({ filename }) => filename))];
    const describe = async () => `Move ${await describeFiles(scan, files)} to the trash`;
    return [{ kind: 'deletes', of: files, describe }];
  }),
  storeMediaFile: rule(actions.storeMediaFile, (calls, scan) => byStoring(scan, calls)),
};
