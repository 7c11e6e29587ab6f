import { z } from 'zod';
import { action, adds, deletes, ensures, overwrites, reads } from './action.ts';
import { attachments, deckName, id, ids, nothing, noteFields, optionalOrEmpty } from './schemas.ts';
import { tagList } from './tags.ts';

export const guiBrowse = action({
  title: 'Open browser',
  description:
    'Opens the card browser with a search and returns the ids of the cards found, unordered; none without a query. Wait 0.5 s before selecting.',
  annotations: ensures,
  input: z.strictObject({
    query: optionalOrEmpty(z.string().describe('Anki search; "" finds all')),
    reorderCards: z
      .strictObject({
        columnId: z.string().describe('A column the browser shows, e.g. noteFld, template, cardDue, deck'),
        order: z.enum(['ascending', 'descending']),
      })
      .optional(),
  }),
  output: ids,
});

export const guiSelectCard = action({
  title: 'Select card',
  description:
    'Selects a card in the open browser; false if it is closed. True also for a card that is not listed, which clears the selection: check with guiSelectedNotes.',
  annotations: ensures,
  input: z.strictObject({ card: id }),
  output: z.boolean(),
});

export const guiSelectNote = action({
  title: 'Select card (old)',
  description: 'Old name of guiSelectCard.',
  annotations: ensures,
  input: z.strictObject({ note: id.describe('A card id, despite the name') }),
  output: z.boolean(),
});

export const guiSelectedNotes = action({
  title: 'Selected notes',
  description: 'Lists the ids of the notes selected in the browser; none if it is closed.',
  annotations: reads,
  input: z.strictObject({}),
  output: ids,
});

export const guiAddCards = action({
  title: 'Open Add window',
  description:
    'Opens the Add window with a draft, replacing the previous one. Saves nothing until the user clicks Add (the result is always 0), but attachments are stored at once.',
  annotations: { ...adds, openWorldHint: true },
  input: z.strictObject({
    note: z
      .strictObject({
        deckName,
        modelName: z.string(),
        fields: noteFields.optional(),
        tags: tagList.optional(),
        ...attachments,
      })
      .optional(),
  }),
  output: z.int(),
});

export const guiEditNote = action({
  title: 'Open note editor',
  description:
    'Opens the editor on a note. Broken on Anki 26.9, where it fails for every note: use guiBrowse with nid:….',
  annotations: ensures,
  input: z.strictObject({ note: id }),
  output: nothing,
});

export const guiAddNoteSetData = action({
  title: 'Fill Add window',
  description:
    'Changes the draft in the open Add window; a closed one returns {error, code}. Not in any release of Anki-Connect yet: "unsupported action".',
  annotations: { ...overwrites, idempotentHint: false, openWorldHint: true },
  unreleased: true,
  input: z.strictObject({
    note: z.strictObject({
      deckName: deckName.optional(),
      modelName: z.string().optional(),
      fields: noteFields.optional(),
      tags: tagList.optional(),
      ...attachments,
    }),
    append: z.boolean().optional().describe('Append to fields and tags instead of replacing'),
  }),
  output: z.union([z.literal(true), z.looseObject({ error: z.string(), code: z.int() })]),
});

export const guiCurrentCard = action({
  title: 'Current review card',
  description:
    'Returns the card under review; an error outside review. Texts are those of the moment it was shown. Read cardId before guiAnswerCard.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.looseObject({
    cardId: id,
    fields: z.record(z.string(), z.looseObject({ value: z.string(), order: z.int() })),
    fieldOrder: z.int(),
    question: z.string(),
    answer: z.string(),
    buttons: z.array(z.int()),
    nextReviews: z.array(z.string()),
    modelName: z.string(),
    deckName: z.string(),
    css: z.string(),
    template: z.string(),
  }),
});

export const guiStartCardTimer = action({
  title: 'Restart answer timer',
  description: 'Restarts the timer of the current card; false outside review.',
  annotations: ensures,
  input: z.strictObject({}),
  output: z.boolean(),
});

export const guiShowQuestion = action({
  title: 'Show question',
  description:
    'Shows the question of the current card; false outside review. guiAnswerCard then needs guiShowAnswer again.',
  annotations: ensures,
  input: z.strictObject({}),
  output: z.boolean(),
});

export const guiShowAnswer = action({
  title: 'Show answer',
  description: 'Shows the answer of the current card, as guiAnswerCard requires; false outside review.',
  annotations: ensures,
  input: z.strictObject({}),
  output: z.boolean(),
});

export const guiAnswerCard = action({
  title: 'Answer current card',
  description:
    'Answers the card under review, after guiShowAnswer; false if no answer is shown. True even if the card was deleted meanwhile.',
  annotations: adds,
  input: z.strictObject({ ease: z.literal([1, 2, 3, 4]).describe('Again, Hard, Good, Easy') }),
  output: z.boolean(),
});

export const guiUndo = action({
  title: 'Undo',
  description:
    'Undoes the last change to the collection, by any program. The engine says what it undid, and fails with nothing to undo; a running Anki always returns true: wait 0.5 s, then read.',
  annotations: { ...overwrites, idempotentHint: false },
  input: z.strictObject({}),
  output: z.literal(true),
});

export const guiDeckOverview = action({
  title: 'Open deck overview',
  description: 'Shows the overview of a deck and makes it the current one; false for a missing deck.',
  annotations: ensures,
  input: z.strictObject({ name: deckName }),
  output: z.boolean(),
});

export const guiDeckBrowser = action({
  title: 'Open deck list',
  description: 'Shows the list of decks.',
  annotations: ensures,
  input: z.strictObject({}),
  output: nothing,
});

export const guiDeckReview = action({
  title: 'Start review',
  description:
    'Starts reviewing a deck and makes it the current one; false for a missing deck. True does not mean that a card is shown: check with guiReviewActive.',
  annotations: ensures,
  input: z.strictObject({ name: deckName }),
  output: z.boolean(),
});

export const guiImportFile = action({
  title: 'Import file',
  description:
    'On the desktop: opens the import window; nothing is imported until the user clicks Import. On the engine: imports at once a package, or a text file with the lines #separator and #notetype; of others it returns a preview.',
  annotations: overwrites,
  slow: true,
  input: z.strictObject({
    // Without a path, or with another extension, a modal window blocks the whole add-on.
    path: z
      .string()
      .regex(/\.(txt|csv|tsv|apkg)$/i)
      .describe("Absolute, on Anki's machine"),
  }),
  output: nothing,
});

export const guiExitAnki = action({
  title: 'Close Anki',
  description:
    'Asks Anki to close, which ends Anki-Connect too. Anki 26.9 may stay open: check with version.',
  annotations: deletes,
  input: z.strictObject({}),
  output: nothing,
});

export const guiCheckDatabase = action({
  title: 'Check database',
  description:
    'Starts the database check, which repairs and may delete broken notes and cards, and require a full sync. Returns true at once; only Anki shows the findings.',
  annotations: overwrites,
  slow: true,
  input: z.strictObject({}),
  output: z.literal(true),
});

export const guiPlayAudio = action({
  title: 'Replay audio',
  description: 'Plays the audio of the side shown again; false outside review, true even if there is none.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.boolean(),
});

export const guiReviewActive = action({
  title: 'Review active',
  description: 'Returns whether a card is under review.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.boolean(),
});
