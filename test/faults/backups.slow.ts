import { describe, expect, test } from 'vitest';
import type { Backend } from '../../src/contract/backend.ts';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { guardedServer, overHttp } from '../support/guarded-server.ts';
import { contentOf, fill, type Content, type Material } from '../support/restorable.ts';

type Args = Readonly<Record<string, unknown>>;

/** A destructive call; `whole` if the affected notes are not known. */
interface Loss {
  readonly name: string;
  readonly args: (material: Material) => Args;
  readonly whole?: true;
}

const losses: readonly Loss[] = [
  { name: 'deleteNotes', args: ({ notes }) => ({ notes: notes.slice(3, 9) }) },
  { name: 'deleteDecks', args: () => ({ decks: ['D::E'], cardsToo: true }) },
  { name: 'deleteDecks', args: () => ({ decks: ['D'], cardsToo: true }) },
  { name: 'forgetCards', args: ({ cards }) => ({ cards }) },
  { name: 'setDueDate', args: ({ cards }) => ({ cards, days: '99!' }) },
  { name: 'setEaseFactors', args: ({ cards }) => ({ cards, easeFactors: cards.map(() => 1300) }) },
  { name: 'relearnCards', args: ({ cards }) => ({ cards }) },
  { name: 'answerCards', args: ({ cards }) => ({ answers: cards.map((cardId) => ({ cardId, ease: 1 })) }) },
  { name: 'replaceTagsInAllNotes', args: () => ({ tag_to_replace: 'old', replace_with_tag: 'new' }) },
  {
    name: 'updateNoteModel',
    args: ({ notes }) => ({
      note: {
        id: notes[4],
        modelName: 'Basic (and reversed card)',
        fields: { Front: 'x', Back: 'y' },
        tags: [],
      },
    }),
  },
  { name: 'modelFieldRemove', args: () => ({ modelName: 'Word', fieldName: 'Middle' }) },
  { name: 'modelTemplateRemove', args: () => ({ modelName: 'Word', templateName: 'Forward' }) },
  { name: 'removeDeckConfigId', args: ({ group }) => ({ configId: group }) },
  {
    name: 'findAndReplaceInModels',
    args: () => ({
      modelName: 'Word',
      findText: 'Front',
      replaceText: 'Back',
      front: true,
      back: true,
      css: false,
    }),
  },
  {
    name: 'multi',
    args: ({ notes, cards }) => ({
      actions: [
        { action: 'forgetCards', params: { cards } },
        { action: 'deleteNotes', params: { notes: notes.slice(0, 3) } },
      ],
    }),
  },
  { name: 'importPackage', args: ({ packagePath }) => ({ path: packagePath }), whole: true },
];

const backends: readonly (readonly [string, (engine: Engine) => Promise<Backend>])[] = [
  ['engine', async (engine) => engine],
  ['desktop', overHttp],
];

describe.each(backends)('Backups, on the %s', (_, connect) => {
  test.each(losses)(
    'content is lost and restored by backups, and the restore is undone: $name',
    async ({ name, args, whole }) => {
      const { assistant, engine, folder, questions } = await guardedServer(
        'accept',
        { backup: 'auto' },
        connect,
      );
      const material = await fill(engine, folder);
      const before = await contentOf(engine);
      const lost = await assistant.call(name, args(material));
      expect(lost.isError, lost.text).toBe(false);
      expect(lost.text).toContain('Backup: ');
      const after = await contentOf(engine);
      expect(after).not.toEqual(before);

      const restored = await assistant.call('backups', { action: 'restore', ...(whole && { whole }) });
      expect(restored.isError, restored.text).toBe(false);
      expect(questions.at(-1)).toMatch(/the backup of /);
      expect(await contentOf(engine)).toEqual(before);

      // Where nothing was left of the deck, there was nothing to back up.
      const [path] = /(?<=Backup: ).*/.exec(restored.text) ?? [];
      if (path === undefined) return;
      const undone = await assistant.call('backups', { action: 'restore', whole: true });
      expect(undone.isError, undone.text).toBe(false);
      expect(comparable(await contentOf(engine))).toEqual(comparable(after));
    },
  );
});

/** Leaves out empty fields and positions: an import removes no field or template that was added meanwhile. */
const comparable = ({ notes, cards }: Content) => ({
  notes: notes.map(({ fields, ...note }) => ({
    ...note,
    fields: Object.fromEntries(
      Object.entries(fields).flatMap(([name, { value }]) => (value === '' ? [] : [[name, value]])),
    ),
  })),
  cards: cards.map((card) => ({ ...card, ord: undefined, fieldOrder: undefined })),
});
