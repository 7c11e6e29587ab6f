import { actions } from '../../contract/index.ts';
import { own } from '../../lib/json.ts';
import { withExactTag, withTag } from '../search-terms.ts';
import { rule, type Risk } from './rule.ts';
import { withSamples } from './sample.ts';
import { countOf, listNames, shorten } from '../../lib/wording.ts';
import { find, withIds } from '../search-ids.ts';
import { readNotesById } from '../reading.ts';
import { withCards, type Scan } from './scan.ts';

/** What a call writes to a note. */
interface NoteEdit {
  readonly id: number;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly tags?: string | readonly string[] | undefined;
}

const words = (tags: string | readonly string[]): string[] =>
  [tags].flat().flatMap((tag) => tag.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean));

/** Returns the risks of edits that replace texts or tags. An empty field or the same text loses nothing. */
async function byEdits(scan: Scan, edits: readonly NoteEdit[]): Promise<Risk[]> {
  const notes = await readNotesById(
    scan,
    edits.map(({ id }) => id),
  );
  const losing = (losesIn: (edit: NoteEdit, note: NonNullable<ReturnType<typeof notes.get>>) => boolean) => {
    const found = edits.filter((edit) => {
      const note = notes.get(edit.id);
      return note !== undefined && losesIn(edit, note);
    });
    return [...new Set(found.map(({ id }) => id))];
  };
  const texts = losing(({ fields = {} }, note) =>
    Object.entries(fields).some(([name, text]) => {
      const old = own(note.fields, name)?.value ?? '';
      return old !== '' && old !== text.normalize('NFC');
    }),
  );
  const tags = losing((edit, note) => {
    if (edit.tags === undefined) return false;
    const kept = new Set(words(edit.tags));
    return words(note.tags).some((tag) => !kept.has(tag));
  });
  return [
    ...onNotes(scan, 'text', texts, (described) => `Overwrite the fields of ${described}`),
    ...onNotes(scan, 'tags', tags, (described) => `Replace the tags of ${described}`),
  ];
}

function onNotes(
  scan: Scan,
  kind: Risk['kind'],
  notes: readonly number[],
  sentence: (notes: string) => string,
): Risk[] {
  if (notes.length === 0) return [];
  const describe = async () => sentence(`${countOf(notes.length, 'note')}${await withSamples(scan, notes)}`);
  return [{ kind, of: notes, searches: withIds('nid:', notes), describe }];
}

interface TagRemoval {
  readonly notes: readonly number[];
  readonly tags: string;
}

/** Returns the risk of removing tags. Anki takes * for any characters. */
async function byRemovals(scan: Scan, removals: readonly TagRemoval[]): Promise<Risk[]> {
  const searches = removals.flatMap(({ notes, tags }) => {
    const terms = tags
      .split(/\s+/)
      .filter(Boolean)
      .map((tag) => (tag.includes('*') ? '-tag:none' : withTag(tag)));
    if (terms.length === 0) return [];
    return withIds('nid:', notes).map((ids) => `${ids} (${terms.join(' or ')})`);
  });
  const notes = await find(scan, 'findNotes', searches);
  const names = listNames([...new Set(removals.flatMap(({ tags }) => words(tags)))]);
  return onNotes(scan, 'tags', notes, (described) => `Remove tags (${names}) from ${described}`);
}

const quoted = (text: string): string => `"${shorten(text, 24)}"`;

export const edits = {
  updateNoteFields: rule(actions.updateNoteFields, (calls, scan) =>
    byEdits(
      scan,
      calls.map(({ note }) => note),
    ),
  ),
  updateNote: rule(actions.updateNote, (calls, scan) =>
    byEdits(
      scan,
      calls.map(({ note }) => note),
    ),
  ),
  updateNoteTags: rule(actions.updateNoteTags, (calls, scan) =>
    byEdits(
      scan,
      calls.map(({ note, tags }) => ({ id: note, tags })),
    ),
  ),
  removeTags: rule(actions.removeTags, (calls, scan) => byRemovals(scan, calls)),
  addTags: rule(actions.addTags, (calls, scan) =>
    byRemovals(
      scan,
      calls.filter(({ add }) => add === false),
    ),
  ),
  replaceTags: rule(actions.replaceTags, async (calls, scan) => {
    const searches = calls.flatMap(({ notes, tag_to_replace }) =>
      withIds('nid:', notes).map((ids) => `${ids} ${withExactTag(tag_to_replace)}`),
    );
    const changes = calls.map(
      (call) => `${quoted(call.tag_to_replace)} with ${quoted(call.replace_with_tag)}`,
    );
    const sentence = (notes: string) => `Replace ${listNames([...new Set(changes)])} in the tags of ${notes}`;
    return onNotes(scan, 'tags', await find(scan, 'findNotes', searches), sentence);
  }),
};

export const note = {
  deleteNotes: rule(actions.deleteNotes, async (calls, scan) => {
    const wanted = withIds('nid:', [...new Set(calls.flatMap(({ notes }) => notes))]);
    const notes = await find(scan, 'findNotes', wanted);
    const cards = () => withCards(scan, withIds('nid:', notes));
    const [risk] = onNotes(scan, 'deletes', notes, (described) => `Delete ${described}`);
    return risk ? [{ ...risk, describe: async () => `${await risk.describe()} ${await cards()}` }] : [];
  }),

  updateNoteModel: rule(actions.updateNoteModel, async (calls, scan) => {
    const wanted = withIds('nid:', [...new Set(calls.map(({ note: { id } }) => id))]);
    const notes = await find(scan, 'findNotes', wanted);
    const cards = () => withCards(scan, withIds('nid:', notes));
    const types = listNames([...new Set(calls.map(({ note: { modelName } }) => modelName))]);
    const [risk] = onNotes(scan, 'deletes', notes, (described) => `Change the type of ${described}`);
    if (!risk) return [];
    const describe = async () =>
      `${await risk.describe()} ${await cards()}, to ${types}, and empty the fields without a new value`;
    return [{ ...risk, describe }];
  }),

  replaceTagsInAllNotes: rule(actions.replaceTagsInAllNotes, async (calls, scan) => {
    const searches = calls.map(({ tag_to_replace }) => withExactTag(tag_to_replace));
    const changes = calls.map(
      (call) => `${quoted(call.tag_to_replace)} with ${quoted(call.replace_with_tag)}`,
    );
    const sentence = (notes: string) => `Replace ${listNames(changes)} in the tags of ${notes}`;
    return onNotes(scan, 'deletes', await find(scan, 'findNotes', searches), sentence);
  }),
};
