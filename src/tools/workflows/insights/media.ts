import { filesIn } from '../../card-text/text.ts';
import { withFile } from '../../search-terms.ts';
import { withoutNotes, type Facts, type Insight } from './facts.ts';

const maxNames = 10;

/** Finds files that no note uses, and missing files that notes refer to. */
export async function media(facts: Facts): Promise<Insight> {
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
    : await withoutNotes(
        facts,
        candidates.map((name) => [name, withFile(name)] as const),
      );
  return {
    files: names.length,
    unused: {
      files: unused.names.length,
      ...(unused.cut !== undefined && { from: unused.cut }),
      ...(unused.names.length > 0 && { names: unused.names.slice(0, maxNames) }),
    },
    missing: { files: missing.length, ...(cut !== undefined && { from: cut }) },
    note: 'Files that only templates or CSS use count as unused unless their name starts with _; Check Media in Anki is more thorough.',
    samples: missing.slice(0, maxNames).map(([name, note]) => ({ missing: name, search: `nid:${note}` })),
  };
}

/** Returns true for names that Anki itself keeps: of files for templates (_) and of pictures made from LaTeX. */
const isForTemplates = (name: string): boolean => /^(_|latex-)/.test(name);
