import { z } from 'zod';

// The engine's methods that we use, as name -> [request, response], with the members that we use.
// Nothing is parsed with these schemas at run time. A test compares every name and type with the installed engine.

const int64 = z.bigint();
const ints64 = z.array(z.bigint());
const int = z.int();
const text = z.string();
const bytes = z.custom<Uint8Array>((held) => held instanceof Uint8Array);
const flag = z.boolean();
const counts = z.record(z.string(), int);

const empty = z.object({});
const json = z.object({ json: bytes });
const value = z.object({ val: text });
const values = z.object({ vals: z.array(text) });
const did = z.object({ did: int64 });
const dcid = z.object({ dcid: int64 });
const cid = z.object({ cid: int64 });
const cids = z.object({ cids: ints64 });
const nid = z.object({ nid: int64 });
const ntid = z.object({ ntid: int64 });

export const opChanges = z.object({ notetype: flag, noteText: flag, studyQueues: flag });
const changed = z.object({ count: int });
const created = z.object({ id: int64 });

export const noteMessage = z.object({
  id: int64,
  guid: text,
  notetypeId: int64,
  mtimeSecs: int,
  tags: z.array(text),
  fields: z.array(text),
});

export const cardMessage = z.object({
  id: int64,
  noteId: int64,
  deckId: int64,
  templateIdx: int,
  mtimeSecs: int64,
  ctype: int,
  queue: int,
  due: int,
  interval: int,
  easeFactor: int,
  reps: int,
  lapses: int,
  remainingSteps: int,
  originalDue: int,
  originalDeckId: int64,
  flags: int,
  originalPosition: int.optional(),
  memoryState: z.object({ stability: z.number(), difficulty: z.number() }).optional(),
  desiredRetention: z.number().optional(),
  decay: z.number().optional(),
  lastReviewTimeSecs: int64.optional(),
  customData: text,
});

export const deckMessage = z.object({ id: int64, name: text });
const deckNames = z.object({ entries: z.array(deckMessage) });

const deckCounts = z.object({
  deckId: int64,
  name: text,
  newCount: int,
  learnCount: int,
  reviewCount: int,
  totalInDeck: int,
  totalIncludingChildren: int,
  filtered: flag,
});
export const deckTree = deckCounts.extend({
  get children() {
    return z.array(deckTree);
  },
});

/** A scheduling state, returned to the engine unread. */
const state = z.object({});
const states = z.object({
  current: state.optional(),
  again: state.optional(),
  hard: state.optional(),
  good: state.optional(),
  easy: state.optional(),
});

const sortOrder = z.object({
  value: z.discriminatedUnion('case', [
    z.object({ case: z.literal('none'), value: empty }),
    z.object({ case: z.literal('builtin'), value: z.object({ column: text, reverse: flag }) }),
  ]),
});
const search = [z.object({ search: text, order: sortOrder }), z.object({ ids: ints64 })] as const;

const nodes = z.array(
  z.object({
    value: z.discriminatedUnion('case', [
      z.object({ case: z.literal('text'), value: text }),
      z.object({
        case: z.literal('replacement'),
        value: z.object({ fieldName: text, currentText: text, filters: z.array(text) }),
      }),
    ]),
  }),
);

const field = z.object({ name: text });
const notetype = z.object({
  id: int64,
  name: text,
  config: z.object({ kind: int, css: text, latexSvg: flag }).optional(),
  fields: z.array(field),
  templates: z.array(field),
});

const newNote = z.object({ note: noteMessage, deckId: int64 });
const tagsOfNotes = z.object({ noteIds: ints64, tags: text });
const auth = z.object({ hkey: text, endpoint: text.optional(), ioTimeoutSecs: int.optional() });

const noteLog = z.array(z.object({ fields: z.array(text) }));
const importLog = z.object({
  log: z
    .object({
      new: noteLog,
      updated: noteLog,
      duplicate: noteLog,
      conflicting: noteLog,
      firstFieldMatch: noteLog,
      missingNotetype: noteLog,
      missingDeck: noteLog,
      emptyFirstField: noteLog,
    })
    .optional(),
});
/** Passed on unread. */
const csvMetadata = z.object({ preview: z.array(values) });
const mediaProgress = z.object({ checked: text, added: text, removed: text });
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
  ]),
});
const exportLimit = z.object({
  limit: z.discriminatedUnion('case', [
    z.object({ case: z.literal('wholeCollection'), value: empty }),
    z.object({ case: z.literal('deckId'), value: int64 }),
    z.object({ case: z.literal('noteIds'), value: z.object({ noteIds: ints64 }) }),
  ]),
});

/** Numbers of cards or reviews by day or percentage. */
const eases = z.object({ eases: counts }).optional();
const intervals = z.object({ intervals: counts }).optional();
const buttonCounts = z.object({ learning: z.array(int), young: z.array(int), mature: z.array(int) });
const kinds = z.object({ learn: int, relearn: int, young: int, mature: int, filtered: int });
const cardCounts = z.object({
  newCards: int,
  learn: int,
  relearn: int,
  young: int,
  mature: int,
  suspended: int,
  buried: int,
});
const retention = z
  .object({ youngPassed: int, youngFailed: int, maturePassed: int, matureFailed: int })
  .optional();
const graphs = z.object({
  fsrs: flag,
  today: z.object({ answerCount: int, answerMillis: int, correctCount: int }).optional(),
  futureDue: z.object({ futureDue: counts, dailyLoad: int }).optional(),
  reviews: z.object({ count: z.record(z.string(), kinds) }).optional(),
  cardCounts: z.object({ excludingInactive: cardCounts.optional() }).optional(),
  intervals,
  stability: intervals,
  eases,
  difficulty: eases,
  hours: z.object({ oneYear: z.array(z.object({ total: int, correct: int })) }).optional(),
  buttons: z.object({ oneYear: buttonCounts.optional() }).optional(),
  added: z.object({ added: counts }).optional(),
  trueRetention: z
    .object({ today: retention, yesterday: retention, week: retention, month: retention, year: retention })
    .optional(),
});

export const rpc = {
  open_collection: [z.object({ collectionPath: text, mediaFolderPath: text, mediaDbPath: text }), empty],
  close_collection: [z.object({ downgradeToSchema11: flag }), empty],
  create_backup: [
    z.object({ backupFolder: text, force: flag, waitForCompletion: flag }),
    z.object({ val: flag }),
  ],
  check_database: [empty, z.object({ problems: z.array(text) })],
  latest_progress: [empty, progress],
  set_wants_abort: [empty, empty],
  get_undo_status: [empty, z.object({ undo: text, redo: text, lastStep: int })],
  undo: [empty, z.object({ changes: opChanges.optional(), operation: text })],
  add_custom_undo_entry: [value, z.object({ val: int })],
  merge_undo_entries: [z.object({ val: int }), opChanges],

  get_card: [cid, cardMessage],
  update_cards: [z.object({ cards: z.array(cardMessage), skipUndoEntry: flag }), opChanges],
  remove_cards: [z.object({ cardIds: ints64 }), changed],
  set_deck: [z.object({ cardIds: ints64, deckId: int64 }), changed],

  new_deck: [empty, deckMessage],
  add_deck: [deckMessage, created],
  add_or_update_deck_legacy: [z.object({ deck: bytes, preserveUsnAndMtime: flag }), did],
  deck_tree: [z.object({ now: int64 }), deckTree],
  get_all_decks_legacy: [empty, json],
  get_deck_id_by_name: [value, did],
  get_deck: [did, deckMessage],
  get_deck_legacy: [did, json],
  get_deck_names: [z.object({ skipEmptyDefault: flag, includeFiltered: flag }), deckNames],
  get_deck_and_child_names: [did, deckNames],
  remove_decks: [z.object({ dids: ints64 }), changed],
  set_current_deck: [did, opChanges],
  get_current_deck: [empty, deckMessage],

  get_config_json: [value, json],
  set_config_json: [z.object({ key: text, valueJson: bytes, undoable: flag }), opChanges],
  add_or_update_deck_config_legacy: [json, dcid],
  all_deck_config_legacy: [empty, json],
  get_deck_config_legacy: [dcid, json],
  new_deck_config_legacy: [empty, json],
  remove_deck_config: [dcid, empty],

  get_queued_cards: [
    z.object({ fetchLimit: int, intradayLearningOnly: flag }),
    z.object({
      cards: z.array(z.object({ card: cardMessage.optional(), states: states.optional() })),
      newCount: int,
      learningCount: int,
      reviewCount: int,
    }),
  ],
  answer_card: [
    z.object({
      cardId: int64,
      currentState: state.optional(),
      newState: state.optional(),
      rating: int,
      answeredAtMillis: int64,
      millisecondsTaken: int,
    }),
    opChanges,
  ],
  grade_now: [z.object({ cardIds: ints64, rating: int }), opChanges],
  get_scheduling_states: [cid, states],
  describe_next_states: [states, values],
  bury_or_suspend_cards: [z.object({ cardIds: ints64, noteIds: ints64, mode: int }), changed],
  restore_buried_and_suspended_cards: [cids, opChanges],
  schedule_cards_as_new: [
    z.object({ cardIds: ints64, log: flag, restorePosition: flag, resetCounts: flag }),
    opChanges,
  ],
  set_due_date: [z.object({ cardIds: ints64, days: text }), opChanges],
  sched_timing_today: [empty, z.object({ daysElapsed: int, nextDayAt: int64 })],

  add_notetype_legacy: [json, created],
  update_notetype_legacy: [z.object({ json: bytes, skipChecks: flag }), opChanges],
  add_or_update_notetype: [z.object({ json: bytes, preserveUsnAndMtime: flag, skipChecks: flag }), ntid],
  get_notetype_legacy: [ntid, json],
  get_stock_notetype_legacy: [z.object({ kind: int }), json],
  get_notetype: [ntid, notetype],
  get_notetype_names: [empty, z.object({ entries: z.array(z.object({ id: int64, name: text })) })],
  get_notetype_names_and_counts: [
    empty,
    z.object({ entries: z.array(z.object({ id: int64, name: text, useCount: int })) }),
  ],
  get_notetype_id_by_name: [value, ntid],
  remove_notetype: [ntid, opChanges],

  new_note: [ntid, noteMessage],
  add_note: [newNote, z.object({ noteId: int64 })],
  add_notes: [z.object({ requests: z.array(newNote) }), z.object({ nids: ints64 })],
  update_notes: [z.object({ notes: z.array(noteMessage), skipUndoEntry: flag }), opChanges],
  get_note: [nid, noteMessage],
  remove_notes: [z.object({ noteIds: ints64, cardIds: ints64 }), changed],
  note_fields_check: [noteMessage, z.object({ state: int })],
  cards_of_note: [nid, cids],

  strip_html: [z.object({ text, mode: int }), value],
  extract_av_tags: [z.object({ text, questionSide: flag }), z.object({ text })],
  extract_latex: [
    z.object({ text, svg: flag, expandClozes: flag }),
    z.object({ text, latex: z.array(z.object({ filename: text })) }),
  ],
  render_existing_card: [
    z.object({ cardId: int64, browser: flag, partialRender: flag }),
    z.object({ questionNodes: nodes, answerNodes: nodes, css: text, latexSvg: flag }),
  ],

  search_cards: search,
  search_notes: search,
  all_browser_columns: [
    empty,
    z.object({ columns: z.array(z.object({ key: text, sortingCards: int, sortingNotes: int })) }),
  ],

  add_media_file: [z.object({ desiredName: text, data: bytes }), value],
  trash_media_files: [z.object({ fnames: z.array(text) }), empty],

  all_tags: [empty, values],
  clear_unused_tags: [empty, changed],
  add_note_tags: [tagsOfNotes, changed],
  remove_note_tags: [tagsOfNotes, changed],

  import_anki_package: [
    z.object({
      packagePath: text,
      options: z.object({
        mergeNotetypes: flag,
        updateNotes: int,
        updateNotetypes: int,
        withScheduling: flag,
        withDeckConfigs: flag,
      }),
    }),
    importLog,
  ],
  get_csv_metadata: [z.object({ path: text }), csvMetadata],
  import_csv: [z.object({ path: text, metadata: csvMetadata }), importLog],
  export_anki_package: [
    z.object({
      outPath: text,
      options: z.object({ withScheduling: flag, withDeckConfigs: flag, withMedia: flag, legacy: flag }),
      limit: exportLimit,
    }),
    z.object({ val: int }),
  ],
  export_collection_package: [z.object({ outPath: text, includeMedia: flag, legacy: flag }), empty],

  sync_login: [z.object({ username: text, password: text, endpoint: text.optional() }), auth],
  sync_collection: [
    z.object({ auth, syncMedia: flag }),
    z.object({ required: int, serverMessage: text, newEndpoint: text.optional(), serverMediaUsn: int }),
  ],
  full_upload_or_download: [z.object({ auth, upload: flag, serverUsn: int.optional() }), empty],
  sync_media: [auth, empty],
  media_sync_status: [empty, z.object({ active: flag })],
  abort_sync: [empty, empty],
  abort_media_sync: [empty, empty],

  graphs: [z.object({ search: text, days: int }), graphs],
} as const satisfies Record<string, readonly [z.ZodObject, z.ZodObject]>;

export type Method = keyof typeof rpc;
export type RpcRequest<M extends Method> = z.infer<(typeof rpc)[M][0]>;
export type RpcResponse<M extends Method> = z.infer<(typeof rpc)[M][1]>;

/** Methods that the engine answers immediately, even while a long call runs. */
export const immediateMethods: ReadonlySet<Method> = new Set<Method>([
  'latest_progress',
  'set_wants_abort',
  'abort_sync',
  'abort_media_sync',
  'media_sync_status',
]);
