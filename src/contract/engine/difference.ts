/** Old and new value. */
export type Change<T = string> = readonly [T, T];

/** What happened to rows of one kind: how many of each, and the first ones. */
type Rows<Added, Deleted, Changed> = Readonly<{
  added?: number;
  deleted?: number;
  changed?: number;
  samples?: Readonly<{
    added?: readonly Added[];
    deleted?: readonly Deleted[];
    changed?: readonly Changed[];
  }>;
}>;

export type NoteSample = Readonly<{
  id: number;
  noteType: string;
  fields: Readonly<Record<string, string>>;
  tags: string;
}>;

export type NoteChange = Readonly<{
  id: number;
  fields?: Readonly<Record<string, Change>>;
  tags?: Change;
  noteType?: Change;
}>;

export type CardSample = Readonly<{ id: number; note: number; deck: string }>;

/** `due` is in days or a position, as Anki stores it; `interval` in days. */
export type CardChange = Readonly<{
  id: number;
  deck?: Change;
  state?: Change;
  flag?: Change<number>;
  due?: Change<number>;
  interval?: Change<number>;
  ease?: Change<number>;
  reviews?: Change<number>;
  lapses?: Change<number>;
}>;

/** Names that were added, deleted and changed; old and new name of renamed ones. */
export type NamedChanges = Readonly<{
  added?: readonly string[];
  deleted?: readonly string[];
  renamed?: readonly Change[];
  changed?: readonly string[];
}>;

/** What is different between two states of a collection. Kinds without a difference are absent. */
export type Difference = Readonly<{
  notes?: Rows<NoteSample, NoteSample, NoteChange>;
  cards?: Rows<CardSample, CardSample, CardChange>;
  reviews?: Readonly<{ added?: number; deleted?: number }>;
  decks?: NamedChanges;
  noteTypes?: NamedChanges;
  presets?: NamedChanges;
  tags?: NamedChanges;
  /** True if the next sync must be a full one because of it. */
  fullSync?: true;
}>;

/** Identifies a difference without the ids of what was added. */
export type Fingerprint = Readonly<{
  /** Without due dates, intervals and ease factors, which Anki may choose at random. */
  content: string;
  /** With them. */
  complete: string;
}>;

/** The moment of the last change to the collection and to its schema, in epoch milliseconds. */
export type CollectionState = Readonly<{ modified: number; schema: number }>;

export interface DifferenceOperations {
  /**
   * Compares the open collection with an earlier state of it in another file. Empties the undo list: for copies only.
   * `samples` is the maximum number of samples of each kind.
   */
  difference(params: { readonly before: string; readonly samples: number }): {
    readonly difference: Difference;
    readonly fingerprint: Fingerprint;
  };
  collectionState(params: object): CollectionState;
}
