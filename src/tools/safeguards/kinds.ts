/**
 * What calls may take away, and how much of it happens in a session without a question. The limit counts different cards
 * or notes since the last question: in one call, in a batch, or in many small calls.
 */
export const kinds = {
  /** Notes, decks, fields, templates or files disappear, or something is replaced everywhere. */
  deletes: { limit: 0, noun: 'thing' },
  /** Notes are added or changed that the user wants to see before. */
  approval: { limit: 0, noun: 'note' },
  /** The next sync must be a full one, which replaces the collection on one side. */
  fullSync: { limit: 0, noun: 'change' },
  /** Files outside the allowed folders are read or replaced. */
  files: { limit: 0, noun: 'file' },
  /** Fields get another text. */
  text: { limit: 50, noun: 'note' },
  /** The templates or the CSS of a note type are replaced: counts its notes. */
  design: { limit: 50, noun: 'note' },
  /** Due dates, intervals or ease factors change. */
  schedule: { limit: 20, noun: 'card' },
  /** Cards are answered several at once. */
  answers: { limit: 20, noun: 'card' },
  /** Cards are moved, suspended or flagged. The opposite call restores them. */
  moves: { limit: 100, noun: 'card' },
  /** Notes lose tags. */
  tags: { limit: 100, noun: 'note' },
} as const;

export type Kind = keyof typeof kinds;
