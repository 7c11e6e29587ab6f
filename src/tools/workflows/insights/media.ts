import type { MediaCheck } from '../../../contract/engine/care.ts';
import { mediaName } from '../../card-text/media-name.ts';
import { filesIn } from '../../card-text/text.ts';
import { spellingsOf, withAnyFile, withFile } from '../../search-terms.ts';
import type { Note } from '../../reading.ts';
import type { Facts, Insight } from './facts.ts';
import { unusedNames } from './unused.ts';

const maxNames = 10;
/** Maximum number of files that Anki's check gets: it needs a copy of each name. */
const maxFiles = 20_000;

/** Finds files that no note uses, and missing files that notes refer to. */
export async function media(facts: Facts): Promise<Insight> {
  const isWhole = facts.context.backend.operate && facts.deck === undefined;
  const checked = isWhole ? await facts.context.operate('checkMedia', { maxFiles }) : null;
  if (checked) return checkedByAnki(facts, checked);
  const [names, { notes, cut }] = await Promise.all([
    facts.context.call('getMediaFilesNames', {}),
    facts.notes,
  ]);
  const users = new Map<string, number>();
  for (const note of notes) {
    for (const { value } of Object.values(note.fields)) {
      for (const name of filesIn(value)) users.set(name.normalize(), note.noteId);
    }
  }
  const existing = new Set(names.map((name) => name.normalize()));
  const missing = [...users].filter(([name]) => !existing.has(name));
  const candidates = names.filter((name) => !users.has(name.normalize()) && !isForTemplates(name));
  const hasAllNotes = cut === undefined && facts.deck === undefined;
  const unused = hasAllNotes
    ? { names: candidates, cut: undefined }
    : await unusedNames(facts, candidates, { search: withAnyFile, isIn: isNamedIn });
  return {
    files: names.length,
    unused: {
      files: unused.names.length,
      ...(unused.cut !== undefined && { from: unused.cut }),
      ...(unused.names.length > 0 && { names: unused.names.slice(0, maxNames) }),
    },
    missing: { files: missing.length, ...(cut !== undefined && { from: cut }) },
    ...(isWhole && {
      limit: `Anki's own check was not run: it is limited to ${maxFiles} files here.`,
    }),
    note: 'Files that only templates or CSS use count as unused unless their name starts with _; Check Media in Anki is more thorough.',
    samples: missing.slice(0, maxNames).map(([name, note]) => ({ missing: name, search: `nid:${note}` })),
  };
}

/** Returns what Anki's media check finds in the whole collection. */
async function checkedByAnki({ context }: Facts, found: MediaCheck): Promise<Insight> {
  const names = await context.call('getMediaFilesNames', {});
  // Anki takes URL-encoded names as they are, but cards show these files: they are neither missing nor unused.
  const existing = new Set(names);
  const shown = new Set(found.missing.map(mediaName).filter((name) => existing.has(name)));
  const unused = found.unused.filter((name) => !shown.has(name));
  const missing = found.missing.filter((name) => !shown.has(mediaName(name)));
  return {
    files: names.length,
    unused: {
      files: unused.length,
      ...(unused.length > 0 && { names: unused.slice(0, maxNames) }),
    },
    missing: { files: missing.length },
    note: "Found by Anki's media check. Files that only templates or CSS use count as unused unless their name starts with _.",
    samples: missing.slice(0, maxNames).map((name) => ({ missing: name, search: withFile(name) })),
  };
}

/** Returns true for names that Anki itself keeps: of files for templates (_) and of pictures made from LaTeX. */
const isForTemplates = (name: string): boolean => /^(_|latex-)/.test(name);

/** Returns true if a note has a file name in any place, as a search for it finds. */
function isNamedIn(name: string, { fields }: Note): boolean {
  const spellings = spellingsOf(name).map((spelling) => spelling.toLowerCase());
  return Object.values(fields).some(({ value }) => {
    const text = value.toLowerCase();
    return spellings.some((spelling) => text.includes(spelling));
  });
}
