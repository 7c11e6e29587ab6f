import { z } from 'zod';
import { mediaProgress } from './transfer.ts';
import { int, text, bytes, flag, empty, json, value, opChanges } from './messages.ts';

const progress = z.object({
  value: z.discriminatedUnion('case', [
    z.object({ case: z.literal('none'), value: empty }),
    z.object({ case: z.literal('importing'), value: text }),
    z.object({ case: z.literal('exporting'), value: text }),
    z.object({ case: z.literal('mediaSync'), value: mediaProgress }),
    z.object({ case: z.literal('fullSync'), value: z.object({ transferred: int, total: int }) }),
    z.object({ case: z.literal('normalSync'), value: z.object({ stage: text, added: text, removed: text }) }),
    z.object({
      case: z.literal('databaseCheck'),
      value: z.object({ stage: text, stageTotal: int, stageCurrent: int }),
    }),
    z.object({ case: z.literal('computeParams'), value: z.object({ current: int, total: int }) }),
    z.object({
      case: z.literal('computeMemory'),
      value: z.object({ currentCards: int, totalCards: int }),
    }),
  ]),
});

/** Methods for the collection file, undo, progress and configuration. */
export const collectionMethods = {
  open_collection: [z.object({ collectionPath: text, mediaFolderPath: text, mediaDbPath: text }), empty],
  close_collection: [z.object({ downgradeToSchema11: flag }), empty],
  create_backup: [
    z.object({ backupFolder: text, force: flag, waitForCompletion: flag }),
    z.object({ val: flag }),
  ],
  import_collection_package: [
    z.object({ colPath: text, backupPath: text, mediaFolder: text, mediaDb: text }),
    empty,
  ],
  check_database: [empty, z.object({ problems: z.array(text) })],
  check_media: [empty, z.object({ unused: z.array(text), missing: z.array(text) })],
  latest_progress: [empty, progress],
  set_wants_abort: [empty, empty],
  get_undo_status: [empty, z.object({ undo: text, redo: text, lastStep: int })],
  undo: [empty, z.object({ changes: opChanges.optional(), operation: text, counter: int })],
  redo: [empty, z.object({ changes: opChanges.optional(), operation: text, counter: int })],
  add_custom_undo_entry: [value, z.object({ val: int })],
  merge_undo_entries: [z.object({ val: int }), opChanges],
  get_config_json: [value, json],
  set_config_json: [z.object({ key: text, valueJson: bytes, undoable: flag }), opChanges],
} as const;
