import type { Output } from '../../contract/index.ts';
import { countOf } from '../../lib/wording.ts';
import { withIds } from '../search-ids.ts';
import type { Call } from './in-order.ts';
import { summary } from './rule.ts';
import { missing, quoted, sentence } from './words.ts';

type Info = Output<'notesInfo'>[number];

const infoOf = async (id: number, call: Call): Promise<Info> =>
  (await call('notesInfo', { notes: [id] }))[0] ?? {};

/** Says which of the given fields the note type does not have. Anki ignores them. */
function ignored(given: readonly string[], known: readonly string[], type: string): string | undefined {
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length === 0) return undefined;
  const one = unknown.length === 1;
  return `${quoted([type])} has no ${one ? 'field' : 'fields'} ${quoted(unknown)}: ${one ? 'it was' : 'they were'} ignored (its fields: ${quoted(known)})`;
}

/** Says which type, cards, fields and tags of a note are different now. */
function changes(fields: Readonly<Record<string, string>>, before: Info, after: Info): string {
  const now = after.fields ?? {};
  const changed = Object.keys(now).filter((name) => now[name]?.value !== before.fields?.[name]?.value);
  const same = Object.keys(fields).filter((name) => now[name] && !changed.includes(name));
  const type = before.modelName === after.modelName ? undefined : after.modelName;
  const added = (after.cards ?? []).length - (before.cards ?? []).length;
  const tags = JSON.stringify(before.tags) === JSON.stringify(after.tags) ? undefined : after.tags;
  return [
    type === undefined ? undefined : `the type is now ${quoted([type])}`,
    added > 0 ? `made ${countOf(added, 'card')}` : undefined,
    changed.length > 0 ? `changed ${quoted(changed)}` : undefined,
    same.length > 0 ? `${quoted(same)} had this text already` : undefined,
    tags && (tags.length > 0 ? `the tags are now ${quoted(tags)}` : 'the note has no tags now'),
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

const update = (name: 'updateNoteFields' | 'updateNote' | 'updateNoteModel') =>
  summary(name, {
    observe: async ({ note }, call) => infoOf(note.id, call),
    describe: ({ params: { note }, before, after }) => {
      const { fields = {} } = note;
      const known = Object.keys(after.fields ?? {});
      const what = changes(fields, before, after) || 'nothing is different from before';
      return sentence(what, ignored(Object.keys(fields), known, after.modelName ?? ''));
    },
  });

export const note = {
  updateNoteFields: update('updateNoteFields'),
  updateNote: update('updateNote'),
  updateNoteModel: update('updateNoteModel'),

  updateNoteTags: summary('updateNoteTags', {
    observe: async ({ note: id }, call) => call('getNoteTags', { note: id }),
    describe: ({ after }) =>
      after.length > 0 ? `The tags are now ${quoted(after)}.` : 'The note has no tags now.',
  }),

  addNote: summary('addNote', {
    observe: async ({ note: { modelName } }, call) => call('modelFieldNames', { modelName }),
    describe: ({ params: { note: added }, after }) => {
      const part = ignored(Object.keys(added.fields), after, added.modelName);
      return part && sentence(part);
    },
  }),

  addNotes: summary('addNotes', {
    observe: async ({ notes }, call) => {
      const types = [...new Set(notes.map(({ modelName }) => modelName))].slice(0, 20);
      return Promise.all(
        types.map(async (modelName) => ({ modelName, names: await call('modelFieldNames', { modelName }) })),
      );
    },
    describe: ({ params: { notes }, result, after }) =>
      sentence(
        `added ${countOf(result.length, 'note')}`,
        ...after.map(({ modelName, names }) => {
          const added = notes.filter((one) => one.modelName === modelName);
          return ignored([...new Set(added.flatMap(({ fields }) => Object.keys(fields)))], names, modelName);
        }),
      ),
  }),

  deleteNotes: summary('deleteNotes', {
    observe: async ({ notes }, call) => {
      const searches = withIds('nid:', [...new Set(notes)]);
      const [found, cards] = await Promise.all([
        Promise.all(searches.map((query) => call('findNotes', { query }))),
        Promise.all(searches.map((query) => call('findCards', { query }))),
      ]);
      return { notes: found.flat().length, cards: cards.flat().length };
    },
    describe: ({ params: { notes }, before, after }) =>
      sentence(
        `deleted ${countOf(before.notes - after.notes, 'note')} with ${countOf(before.cards - after.cards, 'card')}`,
        missing(new Set(notes).size - before.notes),
      ),
  }),

  removeEmptyNotes: summary('removeEmptyNotes', {
    observe: async (_, call) => call('modelNames', {}),
    describe: ({ before, after }) => {
      const removed = before.filter((name) => !after.includes(name));
      return `Deleted ${countOf(removed.length, 'note type')} without notes${removed.length > 0 ? `: ${quoted(removed)}` : ''}.`;
    },
  }),
};
