import { filesIn } from '../../card-text/text.ts';
import { quoted, unfound, type Facts, type Insight } from './facts.ts';

const shown = 10;

/** Files that no note uses, and files that notes use and are not there. */
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
  const there = new Set(names.map((name) => name.normalize()));
  const missing = [...users].filter(([name]) => !there.has(name));
  const unseen = names.filter((name) => !users.has(name.normalize()) && !isForTemplates(name));
  const whole = cut === undefined && facts.deck === undefined;
  const unused = whole
    ? { names: unseen, cut: undefined }
    : await unfound(
        facts,
        unseen.map((name) => [name, wherever(name)] as const),
      );
  return {
    files: names.length,
    unused: {
      files: unused.names.length,
      ...(unused.cut !== undefined && { from: unused.cut }),
      ...(unused.names.length > 0 && { names: unused.names.slice(0, shown) }),
    },
    missing: { files: missing.length, ...(cut !== undefined && { from: cut }) },
    note: 'Names that only templates or CSS use count as unused unless they begin with _; Check Media in Anki is more thorough.',
    samples: missing.slice(0, shown).map(([name, note]) => ({ missing: name, search: `nid:${note}` })),
  };
}

/** Anki itself keeps files of these names: templates use the first, LaTeX makes the second. */
const isForTemplates = (name: string): boolean => /^(_|latex-)/.test(name);

const wherever = (name: string): string => {
  const spellings = [name, name.replaceAll('&', '&amp;'), encodeURI(name)];
  return [...new Set(spellings)].map(quoted).join(' or ');
};
